// C[12 x 32] = A[12 x k] * B[k x 32] in int32 by vpdpbusd, which multiplies unsigned by signed
// bytes and sums four products exactly. B is the unsigned side (weights + 128, packed so), because
// then the broadcast of A stays signed and is the same for every machine; the sums start at -128
// times the sum of A's row, which takes the offset out again.
// 24 accumulators + 2 of B + 1 broadcast of A = 27 of 32 zmm registers.
#include "CKernels.h"
#include "gemm_s8.h"
#include "row_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vnni"))), apply_to = function)
#include <immintrin.h>
#include <string.h>

enum { ROWS = 12, COLUMNS = 32, DEPTH = 4, OFFSET = 128 };

// Bytes between a row of B and its prefetch, as far as in gemm_f32_avx512.c.
enum { AHEAD = 4096 };

static inline __attribute__((always_inline)) void tile(const size_t rows, size_t k, const int8_t *a,
                                                       size_t lda, const int32_t *sums,
                                                       const int8_t *b, int32_t *c) {
  __m512i sum[ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
    sum[r][0] = sum[r][1] = _mm512_set1_epi32(-OFFSET * sums[r]);
  for (size_t i = 0; i < k; i += DEPTH) {
    const int8_t *row = b + i * COLUMNS;
    _mm_prefetch((const char *)(row + AHEAD), _MM_HINT_T0);
    _mm_prefetch((const char *)(row + AHEAD + 64), _MM_HINT_T0);
    const __m512i b0 = _mm512_load_si512(row);
    const __m512i b1 = _mm512_load_si512(row + 64);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, a + r * lda + i, sizeof four);
      const __m512i value = _mm512_set1_epi32(four);
      sum[r][0] = _mm512_dpbusd_epi32(sum[r][0], b0, value);
      sum[r][1] = _mm512_dpbusd_epi32(sum[r][1], b1, value);
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    _mm512_store_si512(c + r * COLUMNS, sum[r][0]);
    _mm512_store_si512(c + r * COLUMNS + 16, sum[r][1]);
  }
}

void gk_gemm_s8_vnni(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                     const int8_t *b, int32_t *c) {
  switch (rows) { GK_CASES_12(tile, k, a, lda, sums, b, c) }
}

#pragma clang attribute pop

const gk_s8_kernels gk_s8_vnni = {.tile_rows = ROWS,
                                  .tile_columns = COLUMNS,
                                  .depth = DEPTH,
                                  .offset = OFFSET,
                                  GK_S8_FUNCTIONS(vnni, avx512)};
#endif
