// Packing of weights into the tile kernels' panels. Portable: runs once, at load.
#include "CTiles.h"
#include <string.h>

static gk_bf16 to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (gk_bf16)((bits >> 16) | 0x40); // NaN stays one
  return (gk_bf16)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);                  // nearest even
}

void gk_tile_pack_bf16(const float *const *rows, size_t k, size_t k_steps, void *panel) {
  memset(panel, 0, k_steps * GK_PANEL_STEP_BYTES);
  for (size_t column = 0; column < GK_PANEL_COLUMNS; column++) {
    const float *row = rows[column];
    if (!row) continue;
    gk_bf16 *out = (gk_bf16 *)panel + column / 16 * 512 + column % 16 * 2;
    // k = 32 step + 2 group + i
    for (size_t i = 0; i + 1 < k; i += 2) {
      gk_bf16 *pair = out + i / 32 * 1024 + i % 32 / 2 * 32;
      pair[0] = to_bf16(row[i]);
      pair[1] = to_bf16(row[i + 1]);
    }
    if (k % 2) out[(k - 1) / 32 * 1024 + (k - 1) % 32 / 2 * 32] = to_bf16(row[k - 1]);
  }
}

void gk_tile_pack_s8(const int8_t *const *rows, size_t k, size_t k_steps, void *panel) {
  memset(panel, 0, k_steps * GK_PANEL_STEP_BYTES);
  for (size_t column = 0; column < GK_PANEL_COLUMNS; column++) {
    const int8_t *row = rows[column];
    if (!row) continue;
    int8_t *out = (int8_t *)panel + column / 16 * 1024 + column % 16 * 4;
    // k = 64 step + 4 group + i
    for (size_t i = 0; i < k; i++) out[i / 64 * 2048 + i % 64 / 4 * 64 + i % 4] = row[i];
  }
}
