// The int8 GEMM for AVX-512 without VNNI: 12 x 32, the shared body over 32 words or 16 sums.
#include "CKernels.h"
#include "gemm_s8.h"
#include "row_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#include <immintrin.h>
#include <string.h>

#define GK_INLINE static inline __attribute__((always_inline))

enum { ROWS = 12, SUMS = 16 };
typedef __m512i vector;

GK_INLINE vector zero(void) { return _mm512_setzero_si512(); }
GK_INLINE vector widened(const int8_t *p) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p));
}
GK_INLINE vector broadcast(int32_t two) { return _mm512_set1_epi32(two); }
GK_INLINE vector dot(vector a, vector b) { return _mm512_madd_epi16(a, b); }
GK_INLINE vector add(vector a, vector b) { return _mm512_add_epi32(a, b); }
GK_INLINE void store_words(int16_t *p, vector v) { _mm512_storeu_si512(p, v); }
GK_INLINE void store_sums(int32_t *p, vector v) { _mm512_store_si512(p, v); }

#include "gemm_s8_pairs.h"

void gk_gemm_s8_avx512(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                       const int8_t *b, int32_t *c) {
  (void)sums;
  switch (rows) { GK_CASES_12(tile, k, a, lda, b, c) }
}

#pragma clang attribute pop

const gk_s8_kernels gk_s8_avx512 = {.tile_rows = ROWS,
                                    .tile_columns = COLUMNS,
                                    .depth = DEPTH,
                                    .offset = 0,
                                    GK_S8_FUNCTIONS(avx512, avx512)};
#endif
