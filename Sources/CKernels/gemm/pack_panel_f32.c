// Packing of one B panel for every f32 GEMM kernel: a transposition of tile_columns rows.
#include "CKernels.h"
#include <string.h>

// Steps of k per pass: 16 floats are one cache line of each source row.
enum { STEP = 16 };

void gk_pack_panel_f32(const float *const *rows, size_t tile_columns, size_t k, float *out) {
  for (size_t i0 = 0; i0 < k; i0 += STEP) {
    const size_t i1 = i0 + STEP < k ? i0 + STEP : k;
    for (size_t j = 0; j < tile_columns; j++) {
      const float *row = rows[j];
      for (size_t i = i0; i < i1; i++) out[i * tile_columns + j] = row ? row[i] : 0.0f;
    }
  }
}
