// Int8 quantisation for AVX-512: the shared body over 16 lanes.
#include "CKernels.h"
#include "quantize_s8.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq"))), apply_to = function)
#include "../vector/avx512.h"
#include "../vector/integers_avx512.h"
#include "quantize_s8_rows.h"
#pragma clang attribute pop
#endif
