// relative_f32 for AVX-512: 16 keys at a time, two gathers each; the same bits as the scalar kernel.
#include "CKernels.h"
#include "relative_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#include <immintrin.h>

static inline __attribute__((always_inline)) void add(int has_row, int has_rows,
                                                      const int32_t *bucket, int32_t first,
                                                      size_t count, const float *row,
                                                      const float *rows, size_t stride,
                                                      float *scores) {
  const __m512i lane =
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i steps = _mm512_mullo_epi32(lane, _mm512_set1_epi32((int32_t)stride));
  const __m512 zero = _mm512_setzero_ps();
  for (size_t j = 0; j < count; j += 16) {
    const size_t left = count - j;
    const __mmask16 mask = left < 16 ? (__mmask16)((1u << left) - 1) : (__mmask16)0xffff;
    const __m512i b = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(mask, bucket + j),
                                       _mm512_set1_epi32(first));
    __m512 sum = zero;
    if (has_row) sum = _mm512_mask_i32gather_ps(zero, mask, b, row, 4);
    if (has_rows) {
      const __m512 other = _mm512_mask_i32gather_ps(zero, mask, _mm512_add_epi32(b, steps),
                                                    rows + j * stride, 4);
      sum = has_row ? _mm512_add_ps(sum, other) : other;
    }
    sum = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, scores + j), sum);
    _mm512_mask_storeu_ps(scores + j, mask, sum);
  }
}

GK_RELATIVE_F32(avx512)

#pragma clang attribute pop
#endif
