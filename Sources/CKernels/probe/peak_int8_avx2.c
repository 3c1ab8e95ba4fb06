// The rate of an int8 product without VNNI: VPMADDUBSW, VPMADDWD with ones, VPADDD on 32 lanes.
#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
typedef __m256i gk_integers;
enum { GK_LANES = 32 };
static inline gk_integers gk_set_bytes(char byte) { return _mm256_set1_epi8(byte); }
static inline gk_integers gk_multiply_add(gk_integers sum, gk_integers a, gk_integers b) {
  const __m256i pairs = _mm256_maddubs_epi16(a, b);
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
#define GK_NAME gk_peak_int8_avx2
#include "peak_int8.h"
#pragma clang attribute pop
#endif
