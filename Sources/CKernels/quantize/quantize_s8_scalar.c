// The specification of int8 quantisation and of the way back; the rule is in CQuantized.h.
#include "CKernels.h"
#include "quantize_s8.h"
#include <string.h>
#pragma STDC FP_CONTRACT OFF

// Adding and taking away 1.5 * 2^23 rounds a float below 2^22 to an integer, halves to even.
static inline float rounded(float x) { return (x + 0x1.8p23f) - 0x1.8p23f; }

static gk_row_s8 quantize(const float *x, size_t count, int is_weight, int8_t *out) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    bits &= GK_MAGNITUDE;
    if (bits > largest)
      largest = bits;
  }
  const gk_scale_s8 scale = gk_scale_of(largest);
  gk_row_s8 row = {scale.scale, 0};
  for (size_t i = 0; i < count; i++) {
    float q = 0;
    if (scale.is_usable)
      q = is_weight ? x[i] / scale.scale : x[i] * scale.inverse;
    out[i] = (int8_t)rounded(q);
    row.sum += out[i];
  }
  return row;
}

gk_row_s8 gk_quantize_row_s8_scalar(const float *x, size_t count, int8_t *out) {
  return quantize(x, count, 0, out);
}

gk_row_s8 gk_quantize_channel_s8_scalar(const float *x, size_t count, int8_t *out) {
  return quantize(x, count, 1, out);
}

void gk_dequantize_row_s8_scalar(const int32_t *product, size_t count, float row_scale,
                                 const float *column_scales, const float *bias, int add,
                                 float *out) {
  for (size_t i = 0; i < count; i++) {
    const float scale = row_scale * column_scales[i];
    float y = (float)product[i] * scale;
    if (bias)
      y = y + bias[i];
    out[i] = add ? out[i] + y : y;
  }
}
