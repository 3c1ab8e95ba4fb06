// The rate of exact int8 products without VNNI: widened to 16 bits, VPMADDWD and VPADDD on 16 lanes.
// (VPMADDUBSW would do 32, but saturates.)
#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
typedef __m256i gk_integers;
enum { GK_LANES = 16 };
static inline gk_integers gk_set(char byte) { return _mm256_set1_epi16(byte); }
static inline gk_integers gk_multiply_add(gk_integers sum, gk_integers a, gk_integers b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
#define GK_NAME gk_peak_int8_avx2
#include "peak_int8.h"
#pragma clang attribute pop
#endif
