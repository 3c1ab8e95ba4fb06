// AMX's tiles in software, bit for bit but for subnormal numbers: -DGK_SOFTWARE_TILES builds the kernel set "amx"
// for machines without it that have AVX-512 with bf16. To check and measure what it computes, never how fast.
//
// Include before the first tile instruction, after immintrin.h. Source: Intel Architecture Instruction Set
// Extensions Programming Reference, chapter 3, TDPBF16PS and TDPBSSD.
#ifndef GK_SOFTWARE_TILES_H
#define GK_SOFTWARE_TILES_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef union {
  float f32[16][16];
  int32_t i32[16][16];
  int8_t s8[16][64];
  uint8_t bytes[16][64];
} gk_tile;

static _Thread_local _Alignas(64) gk_tile gk_tiles[8];

#define GK_SOFTWARE_INLINE static inline __attribute__((always_inline, unused)) void

GK_SOFTWARE_INLINE gk_tile_load(int tile, const void *from, size_t stride) {
  for (size_t r = 0; r < 16; r++)
    memcpy(gk_tiles[tile].bytes[r], (const uint8_t *)from + r * stride, 64);
}

GK_SOFTWARE_INLINE gk_tile_store(int tile, void *to, size_t stride) {
  for (size_t r = 0; r < 16; r++)
    memcpy((uint8_t *)to + r * stride, gk_tiles[tile].bytes[r], 64);
}

GK_SOFTWARE_INLINE gk_tile_clear(int tile) { memset(&gk_tiles[tile], 0, sizeof(gk_tile)); }

/// Even and odd products have a sum of their own; the two are added at the end, then to the tile.
GK_SOFTWARE_INLINE gk_tile_dot_bf16(int to, int left, int right) {
  const __m512i upper = _mm512_set1_epi32((int)0xffff0000);
  for (size_t first = 0; first < 16; first += 4) {
    __m512 even[4], odd[4];
    for (size_t r = 0; r < 4; r++)
      even[r] = odd[r] = _mm512_setzero_ps();
    for (size_t k = 0; k < 16; k++) {
      const __m512i b = _mm512_load_si512(gk_tiles[right].i32[k]);
      const __m512 b_even = _mm512_castsi512_ps(_mm512_slli_epi32(b, 16));
      const __m512 b_odd = _mm512_castsi512_ps(_mm512_and_si512(b, upper));
      for (size_t r = 0; r < 4; r++) {
        const __m512i a = _mm512_set1_epi32(gk_tiles[left].i32[first + r][k]);
        even[r] = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(a, 16)), b_even, even[r]);
        odd[r] = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(a, upper)), b_odd, odd[r]);
      }
    }
    for (size_t r = 0; r < 4; r++) {
      float *sums = gk_tiles[to].f32[first + r];
      _mm512_store_ps(sums,
                      _mm512_add_ps(_mm512_load_ps(sums), _mm512_add_ps(even[r], odd[r])));
    }
  }
}

GK_SOFTWARE_INLINE gk_tile_dot_s8(int to, int left, int right) {
  for (size_t r = 0; r < 16; r++)
    for (size_t k = 0; k < 16; k++)
      for (size_t n = 0; n < 16; n++) {
        const int8_t *a = &gk_tiles[left].s8[r][4 * k], *b = &gk_tiles[right].s8[k][4 * n];
        gk_tiles[to].i32[r][n] += a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
      }
}

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stream_loadd
#undef _tile_stored
#undef _tile_dpbf16ps
#undef _tile_dpbssd
#define _tile_loadconfig(config) (void)(config)
#define _tile_release() (void)0
#define _tile_zero gk_tile_clear
#define _tile_loadd gk_tile_load
#define _tile_stream_loadd gk_tile_load
#define _tile_stored gk_tile_store
#define _tile_dpbf16ps gk_tile_dot_bf16
#define _tile_dpbssd gk_tile_dot_s8
#endif
