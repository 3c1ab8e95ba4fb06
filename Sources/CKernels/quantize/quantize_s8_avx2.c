// Int8 quantisation for AVX2 + FMA: the shared body over 8 lanes.
#include "CKernels.h"
#include "quantize_s8.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../vector/avx2.h"
#include "../vector/integers_avx2.h"
#include "quantize_s8_rows.h"
#pragma clang attribute pop
#endif
