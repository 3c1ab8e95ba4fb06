// C[8 x 8] = A[8 x k] * B[k x 8] in int32 by SDOT, which sums four products of signed bytes exactly.
// 16 accumulators + 2 of B + 8 of A (16 steps of k of each row, multiplied by lane) = 26 of 32
// registers; 16 loads for 64 instructions of 16 multiply-adds.
#include "CKernels.h"
#include "gemm_s8.h"
#include "row_cases.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

enum { ROWS = 8, COLUMNS = 8, DEPTH = 4 };

// Four steps of k: word `lane` of A's registers times the panel's bytes at `i + 4 lane`.
#define STEP(lane)                                                                                 \
  {                                                                                                \
    const int8x16_t b0 = vld1q_s8(b + (i + lane * DEPTH) * COLUMNS);                               \
    const int8x16_t b1 = vld1q_s8(b + (i + lane * DEPTH) * COLUMNS + 16);                          \
    _Pragma("clang loop unroll(full)") for (size_t r = 0; r < rows; r++) {                         \
      sum[r][0] = vdotq_laneq_s32(sum[r][0], b0, value[r], lane);                                  \
      sum[r][1] = vdotq_laneq_s32(sum[r][1], b1, value[r], lane);                                  \
    }                                                                                              \
  }

static inline __attribute__((always_inline)) void tile(const size_t rows, size_t k, const int8_t *a,
                                                       size_t lda, const int8_t *b, int32_t *c) {
  int32x4_t sum[ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = vdupq_n_s32(0);
  size_t i = 0;
  for (; i + 16 <= k; i += 16) {
    int8x16_t value[ROWS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) value[r] = vld1q_s8(a + r * lda + i);
    STEP(0) STEP(1) STEP(2) STEP(3)
  }
  for (; i < k; i += DEPTH) {
    int8x16_t value[ROWS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, a + r * lda + i, sizeof four);
      value[r] = vreinterpretq_s8_s32(vdupq_n_s32(four));
    }
    STEP(0)
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    vst1q_s32(c + r * COLUMNS, sum[r][0]);
    vst1q_s32(c + r * COLUMNS + 4, sum[r][1]);
  }
}

void gk_gemm_s8_dot(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                    const int8_t *b, int32_t *c) {
  (void)sums;
  switch (rows) { GK_CASES_8(tile, k, a, lda, b, c) }
}

#pragma clang attribute pop

const gk_s8_kernels gk_s8_dot = {.tile_rows = ROWS,
                                 .tile_columns = COLUMNS,
                                 .depth = DEPTH,
                                 .offset = 0,
                                 GK_S8_FUNCTIONS(dot, neon)};
#endif
