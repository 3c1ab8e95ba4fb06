// The tables of int8 kernels, and what they share.
#ifndef GLISS_GEMM_S8_H
#define GLISS_GEMM_S8_H

#include "CKernels.h"

#define GK_S8_DECLARE(machine)                                                                     \
  gk_row_s8 gk_quantize_row_s8_##machine(const float *, size_t, int8_t *);                         \
  gk_row_s8 gk_quantize_channel_s8_##machine(const float *, size_t, int8_t *);                     \
  void gk_dequantize_row_s8_##machine(const int32_t *, size_t, float, const float *,               \
                                      const float *, int, float *);
GK_S8_DECLARE(scalar)
#if defined(__x86_64__)
GK_S8_DECLARE(avx2)
GK_S8_DECLARE(avx512)
#endif
#if defined(__aarch64__)
GK_S8_DECLARE(neon)
#endif
#undef GK_S8_DECLARE

extern const gk_s8_kernels gk_s8_scalar;
#if defined(__x86_64__)
extern const gk_s8_kernels gk_s8_avx2, gk_s8_avx512, gk_s8_vnni;
#endif

#if defined(__aarch64__)
extern const gk_s8_kernels gk_s8_dot, gk_s8_neon;
#endif

#define GK_S8_FUNCTIONS(product, rows)                                                             \
  .gemm = gk_gemm_s8_##product, .quantize_row = gk_quantize_row_s8_##rows,                         \
  .quantize_channel = gk_quantize_channel_s8_##rows, .dequantize_row = gk_dequantize_row_s8_##rows

#endif
