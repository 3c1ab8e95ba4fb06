// The specification of the rotary embedding and of the row scale.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF

void gk_rope_f32_scalar(float *x, const float *cosine, const float *sine, size_t half,
                        float scale) {
  for (size_t i = 0; i < half; i++) {
    const float a = x[i], b = x[half + i];
    x[i] = (a * cosine[i] - b * sine[i]) * scale;
    x[half + i] = (b * cosine[i] + a * sine[i]) * scale;
  }
}

void gk_scale_f32_scalar(float *x, float scale, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] *= scale;
}
