// The rate of VPDPBUSD on 64 lanes.
#include "CKernels.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vnni"))), apply_to = function)
typedef __m512i gk_integers;
enum { GK_LANES = 64 };
static inline gk_integers gk_set(char byte) { return _mm512_set1_epi8(byte); }
static inline gk_integers gk_multiply_add(gk_integers sum, gk_integers a, gk_integers b) {
  return _mm512_dpbusd_epi32(sum, a, b);
}
#define GK_NAME gk_peak_int8_vnni
#include "peak_int8.h"
#pragma clang attribute pop
#endif
