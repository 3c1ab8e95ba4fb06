// The specification of the relative-position scores: sums looked up by bucket.
#include "CKernels.h"

void gk_relative_f32_scalar(const int32_t *bucket, int32_t first, size_t count, const float *row,
                            const float *rows, size_t stride, float *scores) {
  for (size_t j = 0; j < count; j++) {
    const size_t b = (size_t)(bucket[j] - first);
    if (row && rows)
      scores[j] += row[b] + rows[j * stride + b];
    else
      scores[j] += row ? row[b] : rows[j * stride + b];
  }
}
