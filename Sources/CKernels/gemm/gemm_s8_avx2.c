// The int8 GEMM for AVX2: 6 x 16, the shared body over 16 words or 8 sums.
#include "CKernels.h"
#include "gemm_s8.h"
#include "row_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include <immintrin.h>
#include <string.h>

#define GK_INLINE static inline __attribute__((always_inline))

enum { ROWS = 6, SUMS = 8 };
typedef __m256i vector;

GK_INLINE vector zero(void) { return _mm256_setzero_si256(); }
GK_INLINE vector widened(const int8_t *p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p));
}
GK_INLINE vector broadcast(int32_t two) { return _mm256_set1_epi32(two); }
GK_INLINE vector dot(vector a, vector b) { return _mm256_madd_epi16(a, b); }
GK_INLINE vector add(vector a, vector b) { return _mm256_add_epi32(a, b); }
GK_INLINE void store_words(int16_t *p, vector v) { _mm256_storeu_si256((__m256i *)p, v); }
GK_INLINE void store_sums(int32_t *p, vector v) { _mm256_store_si256((__m256i *)p, v); }

#include "gemm_s8_pairs.h"

void gk_gemm_s8_avx2(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                     const int8_t *b, int32_t *c) {
  (void)sums;
  switch (rows) { GK_CASES_6(tile, k, a, lda, b, c) }
}

#pragma clang attribute pop

const gk_s8_kernels gk_s8_avx2 = {.tile_rows = ROWS,
                                  .tile_columns = COLUMNS,
                                  .depth = DEPTH,
                                  .offset = 0,
                                  GK_S8_FUNCTIONS(avx2, avx2)};
#endif
