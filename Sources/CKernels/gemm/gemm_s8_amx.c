// int8 products on AMX tiles (TDPBSSD): exact sums in int32, scaled to f32 in the epilogue.
#if defined(__x86_64__)
#include "CTiles.h"
#pragma clang attribute push(                                                                      \
    __attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512dq,avx512bw,avx512vl,avx512bf16"))),  \
    apply_to = function)
#define GK_INT8 1
#include "gemm_tile_amx.h"
#pragma clang attribute pop
#endif
