// peak_f32 for AVX2 + FMA: the shared body over 8 lanes.
#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../vector/avx2.h"
#include "peak_f32.h"
#pragma clang attribute pop
#endif
