// relative_f32 for NEON, which has no gather: value by value.
#include "CKernels.h"
#if defined(__aarch64__)

void gk_relative_f32_neon(const int32_t *bucket, int32_t first, size_t count, const float *row,
                          const float *rows, size_t stride, float *scores) {
  if (row && rows)
    for (size_t j = 0; j < count; j++, rows += stride)
      scores[j] += row[bucket[j] - first] + rows[bucket[j] - first];
  else if (row)
    for (size_t j = 0; j < count; j++) scores[j] += row[bucket[j] - first];
  else
    for (size_t j = 0; j < count; j++, rows += stride) scores[j] += rows[bucket[j] - first];
}
#endif
