// relative_f32 for AVX2: 8 keys at a time, two gathers each; the same bits as the scalar kernel.
#include "CKernels.h"
#include "relative_cases.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#include <immintrin.h>

static inline __attribute__((always_inline)) void add(int has_row, int has_rows,
                                                      const int32_t *bucket, int32_t first,
                                                      size_t count, const float *row,
                                                      const float *rows, size_t stride,
                                                      float *scores) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i steps = _mm256_mullo_epi32(lane, _mm256_set1_epi32((int32_t)stride));
  size_t j = 0;
  for (; j + 8 <= count; j += 8) {
    const __m256i b = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)(bucket + j)),
                                       _mm256_set1_epi32(first));
    __m256 sum = _mm256_setzero_ps();
    if (has_row) sum = _mm256_i32gather_ps(row, b, 4);
    if (has_rows) {
      const __m256 other =
          _mm256_i32gather_ps(rows + j * stride, _mm256_add_epi32(b, steps), 4);
      sum = has_row ? _mm256_add_ps(sum, other) : other;
    }
    _mm256_storeu_ps(scores + j, _mm256_add_ps(_mm256_loadu_ps(scores + j), sum));
  }
  for (; j < count; j++) {
    const int32_t b = bucket[j] - first;
    const float other = has_rows ? rows[j * stride + (size_t)b] : 0;
    scores[j] += has_row && has_rows ? row[b] + other : has_row ? row[b] : other;
  }
}

GK_RELATIVE_F32(avx2)

#pragma clang attribute pop
#endif
