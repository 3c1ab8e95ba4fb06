// C[12 x 32] = A[12 x k] * B[k x 32]. A row-major; B packed in 32-wide panels, 64-byte aligned.
// 24 accumulators + 2 of B + 1 or 2 of A = 28 of 32 zmm registers.
// Bit for bit equal to gemm_f32_avx2.c: the same chain of fused multiply-adds per element.
//
// A core whose other hyperthread is busy issues fewer instructions, so they are counted here: a step
// of k is 24 multiply-adds, 6 broadcasts of odd rows (even rows are broadcast by the
// multiply-add itself; all twelve that way would take 26 loads, more than 12 cycles have), 2 loads and
// 2 prefetches of B, and every four steps one addition for each pair of rows. Pointers to pairs of rows
// keep the addresses free of an index, with which operand and multiply-add would be issued apart.
#include "CKernels.h"
#include "row_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#include <immintrin.h>

#define GK_INLINE static inline __attribute__((always_inline))

// STEPS: steps of k between two moves of the pointers.
// AHEAD: steps between a row of B and its prefetch; 8 and 16 gained less. A prefetch past the panel's
// end is a hint and reads nothing.
enum { ROWS = 12, COLUMNS = 32, STEPS = 4, AHEAD = 32 };

/// sum + *x * b, as one instruction with a broadcast operand: a compiler loads *x once for both of its
/// uses instead.
GK_INLINE __m512 fused_broadcast(const float *x, __m512 b, __m512 sum) {
  __asm__("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(b), "m"(*x));
  return sum;
}

/// `count` steps of k; pair[r] points to rows 2r and 2r + 1.
GK_INLINE void steps(const size_t rows, const size_t count, const float **pair, size_t lda,
                     const float *b, __m512 (*sum)[2]) {
#pragma clang loop unroll(full)
  for (size_t i = 0; i < count; i++) {
    _mm_prefetch((const char *)(b + (i + AHEAD) * COLUMNS), _MM_HINT_T0);
    _mm_prefetch((const char *)(b + (i + AHEAD) * COLUMNS + 16), _MM_HINT_T0);
    const __m512 b0 = _mm512_load_ps(b + i * COLUMNS);
    const __m512 b1 = _mm512_load_ps(b + i * COLUMNS + 16);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      if (r % 2 == 0) {
        sum[r][0] = fused_broadcast(pair[r / 2] + i, b0, sum[r][0]);
        sum[r][1] = fused_broadcast(pair[r / 2] + i, b1, sum[r][1]);
      } else {
        const __m512 value = _mm512_set1_ps(pair[r / 2][lda + i]);
        sum[r][0] = _mm512_fmadd_ps(value, b0, sum[r][0]);
        sum[r][1] = _mm512_fmadd_ps(value, b1, sum[r][1]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < (rows + 1) / 2; r++) {
    pair[r] += count;
    __asm__("" : "+r"(pair[r])); // or the compiler makes one index of all pointers
  }
}

GK_INLINE void tile(const size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                    const float *b, float *c, size_t ldc, int accumulate) {
  __m512 sum[ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = _mm512_setzero_ps();
  // Rows that are added to are asked for before they are needed.
  if (accumulate)
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      _mm_prefetch((const char *)(c + r * ldc), _MM_HINT_T0);
      _mm_prefetch((const char *)(c + r * ldc + 16), _MM_HINT_T0);
    }
  const float *pair[ROWS / 2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < (rows + 1) / 2; r++) pair[r] = a + 2 * r * lda;
  size_t i = 0;
  for (; i + STEPS <= k; i += STEPS) steps(rows, STEPS, pair, lda, b + i * COLUMNS, sum);
  for (; i < k; i++) steps(rows, 1, pair, lda, b + i * COLUMNS, sum);

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
  switch (rows) { GK_CASES_12(tile, columns, k, a, lda, b, c, ldc, accumulate) }
}

#pragma clang attribute pop
#endif
