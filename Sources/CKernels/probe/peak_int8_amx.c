// The rate of TDPBSSD: 16 x 16 sums of 64 products each.
#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("amx-tile,amx-int8,avx512f"))), apply_to = function)
#define GK_NAME gk_peak_int8_amx
#define GK_PRODUCT _tile_dpbssd
#define GK_DEPTH 64
#include "peak_amx.h"
#pragma clang attribute pop
#endif
