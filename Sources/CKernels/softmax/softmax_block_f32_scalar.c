// The specification of one block of an online softmax, with the C library's exp in double.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF
#include <math.h>

float gk_softmax_block_f32_scalar(float *scores, size_t count, float *running_max,
                                  float *running_sum) {
  const float old_max = *running_max;
  float new_max = old_max;
  for (size_t i = 0; i < count; i++) new_max = scores[i] > new_max ? scores[i] : new_max;
  const double shift = new_max == -INFINITY ? 0.0 : new_max;

  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    scores[i] = (float)exp(scores[i] - shift);
    sum += scores[i];
  }
  const float correction = old_max == new_max ? 1.0f : (float)exp(old_max - shift);
  *running_max = new_max;
  *running_sum = (float)(*running_sum * (double)correction + sum);
  return correction;
}
