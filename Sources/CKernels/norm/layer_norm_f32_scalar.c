// The specification of layer normalisation: sums in double, in order.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF

void gk_layer_norm_f32_scalar(const float *x, const float *weight, const float *bias, float eps,
                              size_t count, float *out) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < count; i++) sum += x[i];
  const double mean = sum / (double)count;
  for (size_t i = 0; i < count; i++) squares += (x[i] - mean) * (x[i] - mean);
  const double scale = 1.0 / __builtin_sqrt(squares / (double)count + eps);
  for (size_t i = 0; i < count; i++)
    out[i] = (float)((x[i] - mean) * scale * weight[i] + (bias ? bias[i] : 0.0f));
}
