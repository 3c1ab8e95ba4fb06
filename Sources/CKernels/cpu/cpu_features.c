// x86-64: CPU features by CPUID, trusted only where the operating system saves the registers
// (XGETBV). Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 13-15.
// aarch64: NEON is part of the base; dot products are what Linux says (arm64, elf_hwcaps).
#include "CKernels.h"

#if defined(__x86_64__)
#include <cpuid.h>

static uint64_t enabled_state(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((uint64_t)high << 32) | low;
}

static int all(uint64_t value, uint64_t bits) { return (value & bits) == bits; }

uint32_t gk_cpu_features(void) {
  uint32_t a, b, c, d, features = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  const uint32_t osxsave = 1u << 27, avx = 1u << 28, fma = 1u << 12;
  if (!all(c, osxsave | avx)) return 0;
  const int has_fma = all(c, fma);
  const uint64_t state = enabled_state();
  const int ymm = all(state, 0x6), zmm = all(state, 0xe6), tiles = all(state, 0x60000);

  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  const uint32_t avx2 = 1u << 5;
  const uint32_t avx512 = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31); // F, DQ, BW, VL
  if (ymm && has_fma && all(b, avx2)) features |= GK_CPU_AVX2_FMA;
  if (zmm && has_fma && all(b, avx512)) {
    features |= GK_CPU_AVX512;
    if (all(c, 1u << 11)) features |= GK_CPU_AVX512_VNNI;
    if (all(c, 1u << 1)) features |= GK_CPU_AVX512_VBMI;
  }
  if (tiles && all(d, 1u << 24)) { // AMX-TILE
    if (all(d, 1u << 22)) features |= GK_CPU_AMX_BF16;
    if (all(d, 1u << 25)) features |= GK_CPU_AMX_INT8;
  }
#if GK_SOFTWARE_TILES
  features |= GK_CPU_AMX_BF16 | GK_CPU_AMX_INT8;
#endif
  if ((features & GK_CPU_AVX512) && __get_cpuid_count(7, 1, &a, &b, &c, &d) && all(a, 1u << 5))
    features |= GK_CPU_AVX512_BF16;
  return features;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

uint32_t gk_cpu_features(void) {
  const unsigned long asimddp = 1ul << 20;
  return GK_CPU_NEON | (getauxval(AT_HWCAP) & asimddp ? GK_CPU_DOTPROD : 0);
}

#elif defined(__aarch64__)

uint32_t gk_cpu_features(void) { return GK_CPU_NEON; }

#else

uint32_t gk_cpu_features(void) { return 0; }

#endif
