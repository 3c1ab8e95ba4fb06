// C[4 x 8] = A[4 x k] * B[k x 8] in int32 on processors without SDOT: products of bytes in 16 bits,
// two of them added there (2 * 127 * 127 < 2^15), then added by pairs to sums of 32 bits. A sum
// of a column is in two neighbouring lanes until the end.
// 16 accumulators + 4 of B + 2 of A + 1 product = 23 of 32 registers. With offset 0 no byte is -128.
#include "CKernels.h"
#include "gemm_s8.h"
#include "row_cases.h"
#if defined(__aarch64__)
#include <arm_neon.h>
#include <string.h>

enum { ROWS = 4, COLUMNS = 8, DEPTH = 4 };

#define GK_INLINE static inline __attribute__((always_inline))

/// Four steps of a row of A, four times over.
GK_INLINE int8x16_t four_of(const int8_t *a) {
  int32_t four;
  memcpy(&four, a, sizeof four);
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

GK_INLINE void tile(const size_t rows, size_t k, const int8_t *a, size_t lda, const int8_t *b,
                    int32_t *c) {
  int32x4_t sum[ROWS][4]; // two columns each
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < 4; j++) sum[r][j] = vdupq_n_s32(0);
  // The steps from k on are A's unknown bytes times weights of 0.
  const size_t whole = (k + DEPTH - 1) / DEPTH * DEPTH;
  size_t i = 0;
  for (; i + 2 * DEPTH <= whole; i += 2 * DEPTH) {
    const int8_t *first = b + i * COLUMNS, *second = first + DEPTH * COLUMNS;
    const int8x16_t b0 = vld1q_s8(first), b1 = vld1q_s8(first + 16);
    const int8x16_t d0 = vld1q_s8(second), d1 = vld1q_s8(second + 16);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const int8x16_t u = four_of(a + r * lda + i), v = four_of(a + r * lda + i + DEPTH);
      const int8x8_t u8 = vget_low_s8(u), v8 = vget_low_s8(v);
      sum[r][0] =
          vpadalq_s16(sum[r][0], vmlal_s8(vmull_s8(vget_low_s8(b0), u8), vget_low_s8(d0), v8));
      sum[r][1] = vpadalq_s16(sum[r][1], vmlal_high_s8(vmull_high_s8(b0, u), d0, v));
      sum[r][2] =
          vpadalq_s16(sum[r][2], vmlal_s8(vmull_s8(vget_low_s8(b1), u8), vget_low_s8(d1), v8));
      sum[r][3] = vpadalq_s16(sum[r][3], vmlal_high_s8(vmull_high_s8(b1, u), d1, v));
    }
  }
  if (i < whole) {
    const int8_t *first = b + i * COLUMNS;
    const int8x16_t b0 = vld1q_s8(first), b1 = vld1q_s8(first + 16);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      const int8x16_t u = four_of(a + r * lda + i);
      const int8x8_t u8 = vget_low_s8(u);
      sum[r][0] = vpadalq_s16(sum[r][0], vmull_s8(vget_low_s8(b0), u8));
      sum[r][1] = vpadalq_s16(sum[r][1], vmull_high_s8(b0, u));
      sum[r][2] = vpadalq_s16(sum[r][2], vmull_s8(vget_low_s8(b1), u8));
      sum[r][3] = vpadalq_s16(sum[r][3], vmull_high_s8(b1, u));
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    vst1q_s32(c + r * COLUMNS, vpaddq_s32(sum[r][0], sum[r][1]));
    vst1q_s32(c + r * COLUMNS + 4, vpaddq_s32(sum[r][2], sum[r][3]));
  }
}

void gk_gemm_s8_neon(size_t rows, size_t k, const int8_t *a, size_t lda, const int32_t *sums,
                     const int8_t *b, int32_t *c) {
  (void)sums;
  switch (rows) { GK_CASES_4(tile, k, a, lda, b, c) }
}

const gk_s8_kernels gk_s8_neon = {.tile_rows = ROWS,
                                  .tile_columns = COLUMNS,
                                  .depth = DEPTH,
                                  .offset = 0,
                                  GK_S8_FUNCTIONS(neon, neon)};
#endif
