// The rate of a tile product on resident tiles: six chains of sums, enough to hide the latency of 52
// cycles behind the 16 that each product occupies the unit, and one pair of operands.
// Include inside `#pragma clang attribute push` with GK_NAME and GK_PRODUCT(sum, a, b) defined.
#include "../tile/tile_config.h"
#include <string.h>

double GK_NAME(size_t iterations) {
  uint8_t operand[16 * 64] __attribute__((aligned(64)));
  // Bytes 0x3b repeat: 0.00286 as bf16, 59 as int8. Sums of them never reach infinity.
  memset(operand, 0x3b, sizeof operand);
  gk_tile_configure();
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_loadd(6, operand, 64);
  _tile_loadd(7, operand, 64);
  for (size_t n = 0; n < iterations; n++) {
    GK_PRODUCT(0, 6, 7);
    GK_PRODUCT(1, 6, 7);
    GK_PRODUCT(2, 6, 7);
    GK_PRODUCT(3, 6, 7);
    GK_PRODUCT(4, 6, 7);
    GK_PRODUCT(5, 6, 7);
  }
  _tile_release();
  return 2.0 * 6 * 16 * 16 * GK_DEPTH * (double)iterations;
}
