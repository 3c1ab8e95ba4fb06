// The specification of GeGLU, with the C library's erf in double.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF
#include <math.h>

void gk_geglu_f32_scalar(const float *input, const float *gate, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) {
    const double x = input[i];
    const double gelu = 0.5 * x * (1.0 + erf(x * 0.7071067811865476));
    out[i] = (float)(gate ? gelu * gate[i] : gelu);
  }
}
