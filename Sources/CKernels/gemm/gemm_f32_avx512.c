// C[12 x 32] = A[12 x k] * B[k x 32]. A row-major; B packed in 32-wide panels, 64-byte aligned.
// 24 accumulators + 2 of B = 26 of 32 zmm registers; A is a broadcast memory operand.
// Bit for bit equal to gemm_f32_avx2.c: the same chain of fused multiply-adds per element.
#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#include <immintrin.h>

enum { COLUMNS = 32 };

// Steps of k between a row of B and its prefetch; 8 and 16 gained less, none lost 5%. A prefetch past
// the panel's end is a hint and reads nothing.
enum { AHEAD = 32 };

static inline __attribute__((always_inline)) void tile(const size_t rows, size_t columns, size_t k,
                                                       const float *a, size_t lda, const float *b,
                                                       float *c, size_t ldc, int accumulate) {
  __m512 sum[12][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
  for (size_t i = 0; i < k; i++) {
    _mm_prefetch((const char *)(b + (i + AHEAD) * COLUMNS), _MM_HINT_T0);
    _mm_prefetch((const char *)(b + (i + AHEAD) * COLUMNS + 16), _MM_HINT_T0);
    const __m512 b0 = _mm512_load_ps(b + i * COLUMNS);
    const __m512 b1 = _mm512_load_ps(b + i * COLUMNS + 16);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const __m512 value = _mm512_set1_ps(a[r * lda + i]);
      sum[r][0] = _mm512_fmadd_ps(value, b0, sum[r][0]);
      sum[r][1] = _mm512_fmadd_ps(value, b1, sum[r][1]);
    }
  }
  const uint32_t mask = columns == COLUMNS ? 0xffffffffu : (1u << columns) - 1;
  const __mmask16 m0 = (__mmask16)mask, m1 = (__mmask16)(mask >> 16);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float *row = c + r * ldc;
    if (accumulate) {
      sum[r][0] = _mm512_add_ps(_mm512_maskz_loadu_ps(m0, row), sum[r][0]);
      sum[r][1] = _mm512_add_ps(_mm512_maskz_loadu_ps(m1, row + 16), sum[r][1]);
    }
    _mm512_mask_storeu_ps(row, m0, sum[r][0]);
    _mm512_mask_storeu_ps(row + 16, m1, sum[r][1]);
  }
}

void gk_gemm_f32_avx512(size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                        const float *b, float *c, size_t ldc, int accumulate) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    tile(n, columns, k, a, lda, b, c, ldc, accumulate);                                            \
    break;
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
    CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
  }
#undef CASE
}

#pragma clang attribute pop
#endif
