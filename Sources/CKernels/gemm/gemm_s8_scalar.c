// The specification of the int8 GEMM micro-kernel: C[4 x 16] = A[4 x k] * B[k x 16] in int32.
#include "CKernels.h"
#include "gemm_s8.h"

enum { COLUMNS = 16 };

void gk_gemm_s8_scalar(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                       const int8_t *b, int32_t *c) {
  (void)sums;
  for (size_t r = 0; r < rows; r++) {
    int32_t sum[COLUMNS] = {0};
    for (size_t i = 0; i < k; i++)
      for (size_t j = 0; j < COLUMNS; j++)
        sum[j] += a[r * lda + i] * b[i * COLUMNS + j];
    for (size_t j = 0; j < COLUMNS; j++)
      c[r * COLUMNS + j] = sum[j];
  }
}

const gk_s8_kernels gk_s8_scalar = {.tile_rows = 4,
                                    .tile_columns = COLUMNS,
                                    .depth = 1,
                                    .offset = 0,
                                    GK_S8_FUNCTIONS(scalar, scalar)};
