// The rate of exact int8 products without VNNI: widened to 16 bits, VPMADDWD and VPADDD on 32 lanes.
#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
typedef __m512i gk_integers;
enum { GK_LANES = 32 };
static inline gk_integers gk_set(char byte) { return _mm512_set1_epi16(byte); }
static inline gk_integers gk_multiply_add(gk_integers sum, gk_integers a, gk_integers b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}
#define GK_NAME gk_peak_int8_avx512
#include "peak_int8.h"
#pragma clang attribute pop
#endif
