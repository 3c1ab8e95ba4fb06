// C[6 x 16] = A[6 x k] * B[k x 16]. A row-major; B packed in 16-wide panels, 32-byte aligned.
// 12 accumulators + 2 of B + 1 broadcast of A = 15 of 16 ymm registers.
// Bit for bit equal to gemm_f32_avx512.c: the same chain of fused multiply-adds per element.
#include "CKernels.h"
#include "row_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include <immintrin.h>

enum { COLUMNS = 16 };

static inline __attribute__((always_inline)) __m256i lanes_below(size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}

static inline __attribute__((always_inline)) void tile(const size_t rows, size_t columns, size_t k,
                                                       const float *a, size_t lda, const float *b,
                                                       float *c, size_t ldc, int accumulate) {
  __m256 sum[6][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
  for (size_t i = 0; i < k; i++) {
    const __m256 b0 = _mm256_load_ps(b + i * COLUMNS);
    const __m256 b1 = _mm256_load_ps(b + i * COLUMNS + 8);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const __m256 value = _mm256_broadcast_ss(a + r * lda + i);
      sum[r][0] = _mm256_fmadd_ps(value, b0, sum[r][0]);
      sum[r][1] = _mm256_fmadd_ps(value, b1, sum[r][1]);
    }
  }
  const __m256i m0 = lanes_below(columns), m1 = lanes_below(columns < 8 ? 0 : columns - 8);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float *row = c + r * ldc;
    if (accumulate) {
      sum[r][0] = _mm256_add_ps(_mm256_maskload_ps(row, m0), sum[r][0]);
      sum[r][1] = _mm256_add_ps(_mm256_maskload_ps(row + 8, m1), sum[r][1]);
    }
    _mm256_maskstore_ps(row, m0, sum[r][0]);
    _mm256_maskstore_ps(row + 8, m1, sum[r][1]);
  }
}

void gk_gemm_f32_avx2(size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                      const float *b, float *c, size_t ldc, int accumulate) {
  switch (rows) { GK_CASES_6(tile, columns, k, a, lda, b, c, ldc, accumulate) }
}

#pragma clang attribute pop
#endif
