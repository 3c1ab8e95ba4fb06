// The one tile configuration: eight tiles of 16 rows of 64 bytes.
#include <immintrin.h>
#include <stdint.h>
#if GK_SOFTWARE_TILES
#include "software_tiles.h"
#endif

static inline __attribute__((always_inline, unused)) void gk_tile_configure(void) {
  _Alignas(64) struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } config = {.palette = 1};
  for (int tile = 0; tile < 8; tile++) {
    config.row_bytes[tile] = 64;
    config.rows[tile] = 16;
  }
  _tile_loadconfig(&config);
}
