// peak_f32 for AVX-512: the shared body over 16 lanes.
#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq"))), apply_to = function)
#include "../vector/avx512.h"
#include "peak_f32.h"
#pragma clang attribute pop
#endif
