// The specification of the f32 GEMM micro-kernel. Multiply, then add: no fused operation, so the
// fused kernels differ from it by at most k rounding errors of the products (tested bound:
// 2 k eps sum |a||b|).
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF

enum { COLUMNS = 16 };

void gk_gemm_f32_scalar(size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                        const float *b, float *c, size_t ldc, int accumulate) {
  for (size_t r = 0; r < rows; r++) {
    float sum[COLUMNS] = {0};
    for (size_t i = 0; i < k; i++)
      for (size_t j = 0; j < COLUMNS; j++) sum[j] += a[r * lda + i] * b[i * COLUMNS + j];
    for (size_t j = 0; j < columns; j++)
      c[r * ldc + j] = accumulate ? c[r * ldc + j] + sum[j] : sum[j];
  }
}
