// The rate of TDPBF16PS: 16 x 16 sums of 32 products each.
#include "CKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,avx512f"))), apply_to = function)
#define GK_NAME gk_peak_bf16_amx
#define GK_PRODUCT _tile_dpbf16ps
#define GK_DEPTH 32
#include "peak_amx.h"
#pragma clang attribute pop
#endif
