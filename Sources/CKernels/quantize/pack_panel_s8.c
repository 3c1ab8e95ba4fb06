// Packing of one B panel for every int8 GEMM kernel: columns interleaved in groups of `depth`
// steps.
#include "CKernels.h"
#include <string.h>

void gk_pack_panel_s8(const int8_t *const *rows, const gk_s8_kernels *kernels, size_t k,
                      int8_t *out) {
  const size_t depth = kernels->depth, columns = kernels->tile_columns;
  const uint8_t offset = (uint8_t)kernels->offset;
  for (size_t i = 0; i < k; i += depth) {
    const size_t count = k - i < depth ? k - i : depth;
    for (size_t j = 0; j < columns; j++) {
      int8_t *group = out + i * columns + j * depth;
      memset(group, 0, depth);
      for (size_t d = 0; d < count; d++) {
        const uint8_t value = rows[j] ? (uint8_t)rows[j][i + d] : 0;
        group[d] = (int8_t)(uint8_t)(value + offset);
      }
    }
  }
}
