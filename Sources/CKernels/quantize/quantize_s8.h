// From the largest magnitude of a row to its scale: the one place of the rule for every machine.
#ifndef GLISS_QUANTIZE_S8_H
#define GLISS_QUANTIZE_S8_H

#include "CKernels.h"
#include <string.h>

// All bits of a float but its sign. As integers, magnitudes order like the floats they are:
// numbers, then infinity, then NaN.
#define GK_MAGNITUDE 0x7fffffffu
#define GK_INFINITY 0x7f800000u

typedef struct {
  float scale;
  /// 127 / the largest magnitude.
  float inverse;
  /// False: every q is 0.
  int is_usable;
} gk_scale_s8;

static inline gk_scale_s8 gk_scale_of(uint32_t largest_magnitude) {
  float largest;
  memcpy(&largest, &largest_magnitude, sizeof largest);
  if (largest_magnitude >= GK_INFINITY)
    return (gk_scale_s8){__builtin_nanf(""), 0, 0};
  if (largest < GK_S8_SMALLEST)
    return (gk_scale_s8){0, 0, 0};
  return (gk_scale_s8){largest / 127.0f, 127.0f / largest, 1};
}

#endif
