// Transposition of a few rows into the columns of a panel, four by four in vector registers that
// every machine has.
#include "CKernels.h"
#include <string.h>

typedef float four __attribute__((ext_vector_type(4)));

static inline four load(const float *p) {
  four v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline void store(float *p, four v) { memcpy(p, &v, sizeof v); }

static inline void transpose_4x4(const float *x, size_t ldx, float *out, size_t ldo) {
  const four a = load(x), b = load(x + ldx), c = load(x + 2 * ldx), d = load(x + 3 * ldx);
  const four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(out, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store(out + ldo, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store(out + 2 * ldo, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store(out + 3 * ldo, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

void gk_transpose_f32(const float *x, size_t ldx, size_t rows, size_t columns, float *out,
                      size_t ldo) {
  const size_t whole_rows = rows - rows % 4, whole_columns = columns - columns % 4;
  // Down the columns first: all rows of a panel's line are written one after the other.
  for (size_t i = 0; i < whole_columns; i += 4)
    for (size_t j = 0; j < whole_rows; j += 4)
      transpose_4x4(x + j * ldx + i, ldx, out + i * ldo + j, ldo);
  for (size_t j = 0; j < rows; j++)
    for (size_t i = j < whole_rows ? whole_columns : 0; i < columns; i++)
      out[i * ldo + j] = x[j * ldx + i];
}
