// The multiply-add rate of what the compiler makes of plain C.
#include "CKernels.h"

double gk_peak_f32_scalar(size_t iterations) {
  enum { CHAINS = 32 };
  float sum[CHAINS];
  for (int i = 0; i < CHAINS; i++) sum[i] = (float)i;
  for (size_t n = 0; n < iterations; n++)
    for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * 0.999f + 0.001f;
  volatile float sink = 0;
  for (int i = 0; i < CHAINS; i++) sink += sum[i];
  return 2.0 * CHAINS * (double)iterations;
}
