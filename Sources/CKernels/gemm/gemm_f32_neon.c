// C[8 x 8] = A[8 x k] * B[k x 8]. A row-major; B packed in 8-wide panels, 16-byte aligned.
// 16 accumulators + 2 of B + 8 of A (4 steps of k of each row, multiplied by lane) = 26 of 32
// registers; 16 loads for 64 multiply-adds. 16 chains keep four pipes of latency 4 busy.
// Bit for bit equal to gemm_f32_avx2.c: the same chain of fused multiply-adds per element.
#include "CKernels.h"
#include "row_cases.h"
#if defined(__aarch64__)
#include <arm_neon.h>

enum { COLUMNS = 8 };

// One step of k: column `lane` of A's registers times one row of B.
#define STEP(lane)                                                                                 \
  {                                                                                                \
    const float32x4_t b0 = vld1q_f32(b + (i + lane) * COLUMNS);                                    \
    const float32x4_t b1 = vld1q_f32(b + (i + lane) * COLUMNS + 4);                                \
    _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) {                         \
      sum[r][0] = vfmaq_laneq_f32(sum[r][0], b0, value[r], lane);                                  \
      sum[r][1] = vfmaq_laneq_f32(sum[r][1], b1, value[r], lane);                                  \
    }                                                                                              \
  }

static inline __attribute__((always_inline)) void tile(const size_t rows, size_t columns, size_t k,
                                                       const float *a, size_t lda, const float *b,
                                                       float *c, size_t ldc, int accumulate) {
  float32x4_t sum[8][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = vdupq_n_f32(0.0f);
  size_t i = 0;
  for (; i + 4 <= k; i += 4) {
    float32x4_t value[8];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) value[r] = vld1q_f32(a + r * lda + i);
    STEP(0) STEP(1) STEP(2) STEP(3)
  }
  for (; i < k; i++) {
    float32x4_t value[8];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) value[r] = vld1q_dup_f32(a + r * lda + i);
    STEP(0)
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    float *row = c + r * ldc;
    float edge[COLUMNS];
    if (columns == COLUMNS) {
      if (accumulate) {
        sum[r][0] = vaddq_f32(vld1q_f32(row), sum[r][0]);
        sum[r][1] = vaddq_f32(vld1q_f32(row + 4), sum[r][1]);
      }
      vst1q_f32(row, sum[r][0]);
      vst1q_f32(row + 4, sum[r][1]);
      continue;
    }
    vst1q_f32(edge, sum[r][0]);
    vst1q_f32(edge + 4, sum[r][1]);
    for (size_t j = 0; j < columns; j++) row[j] = accumulate ? row[j] + edge[j] : edge[j];
  }
}

void gk_gemm_f32_neon(size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                      const float *b, float *c, size_t ldc, int accumulate) {
  switch (rows) { GK_CASES_8(tile, columns, k, a, lda, b, c, ldc, accumulate) }
}
#endif
