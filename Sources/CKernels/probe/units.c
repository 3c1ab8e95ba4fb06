// The list of units whose peak can be measured, apart from the multiply-adds of the kernel sets.
#include "CKernels.h"

double gk_peak_bf16_amx(size_t);
double gk_peak_int8_amx(size_t);
double gk_peak_int8_vnni(size_t);
double gk_peak_int8_avx512(size_t);
double gk_peak_int8_avx2(size_t);

static const gk_unit units[] = {
#if defined(__x86_64__)
    {"amx-bf16", GK_CPU_AMX_BF16 | GK_CPU_AVX512, gk_peak_bf16_amx},
    {"amx-int8", GK_CPU_AMX_INT8 | GK_CPU_AVX512, gk_peak_int8_amx},
    {"avx512-vnni", GK_CPU_AVX512_VNNI | GK_CPU_AVX512, gk_peak_int8_vnni},
    {"avx512-int8", GK_CPU_AVX512, gk_peak_int8_avx512},
    {"avx2-int8", GK_CPU_AVX2_FMA, gk_peak_int8_avx2},
#endif
    {NULL, 0, NULL},
};

size_t gk_unit_count(void) { return sizeof units / sizeof units[0] - 1; }

const gk_unit *gk_unit_at(size_t index) { return &units[index]; }
