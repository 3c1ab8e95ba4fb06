// The int8 kernels of the sets without tiles: quantisation, packing, the exact product, the way back.
// Every set promises the bits of the scalar one, so there is no bound here.
#include "check.h"
#pragma STDC FP_CONTRACT OFF

static const gk_s8_kernels *scalar(void) { return reference()->s8; }

static void expect_same_bytes(const int8_t *values, const int8_t *expected, size_t count,
                              const char *what) {
  for (size_t i = 0; i < count; i++)
    if (values[i] != expected[i]) {
      fail("%s[%zu] is %d, expected %d", what, i, values[i], expected[i]);
      return;
    }
}

typedef enum {
  ORDINARY,
  EXTREME,
  ZERO,
  TINY,
  EDGE_OF_TINY,
  HALVES,
  WITH_NAN,
  WITH_INFINITY
} row_kind;
enum { ROW_KINDS = WITH_INFINITY + 1 };

static void fill_row(float *x, size_t count, row_kind kind) {
  static const float scales[] = {1, 3e38f, 0, 0x1p-120f, 0x1p-100f, 127, 1, 1};
  fill(x, count, -scales[kind], scales[kind]);
  for (size_t i = 0; kind == HALVES && i < count; i++) x[i] = rintf(x[i]) + 0.5f; // ties
  if (count == 0) return;
  if (kind == HALVES) x[random_below(count)] = 127;
  if (kind == EDGE_OF_TINY) x[random_below(count)] = 0x1p-100f;
  if (kind == WITH_NAN) x[random_below(count)] = NAN;
  if (kind == WITH_INFINITY) x[random_below(count)] = -INFINITY;
}

static void check_quantize(const gk_kernel_set *set, size_t count, row_kind kind, bool is_weight) {
  begin_case("%s quantize_%s_s8 count %zu kind %d", set->name, is_weight ? "channel" : "row", count,
             (int)kind);
  float *x = guarded_floats(count, sizeof(float), random_side());
  int8_t *out = guarded(count, 1, random_side());
  int8_t *expected = guarded(count, 1, AT_END);
  fill_row(x, count, kind);
  const gk_s8_kernels *s8 = set->s8, *spec = scalar();
  const gk_row_s8 row = (is_weight ? s8->quantize_channel : s8->quantize_row)(x, count, out);
  const gk_row_s8 wanted =
      (is_weight ? spec->quantize_channel : spec->quantize_row)(x, count, expected);
  expect_same_bytes(out, expected, count, "out");
  if (isnan(wanted.scale) ? !isnan(row.scale) : row.scale != wanted.scale)
    fail("scale is %.9g, expected %.9g", (double)row.scale, (double)wanted.scale);
  if (row.sum != wanted.sum) fail("sum is %d, expected %d", row.sum, wanted.sum);
  // The rule itself: nothing is farther than half a step from what it stands for.
  if (wanted.scale > 0)
    for (size_t i = 0; i < count; i++)
      expect_within((double)out[i] * wanted.scale, x[i], 0.50001 * (double)wanted.scale, "x", i);
  end_case();
}

static void check_pack(const gk_kernel_set *set, size_t k) {
  enum { MAX_COLUMNS = 64 };
  const size_t width = set->s8->tile_columns, depth = set->s8->depth;
  const size_t steps = (k + depth - 1) / depth;
  begin_case("%s pack_panel_s8 k %zu", set->name, k);
  const int8_t *rows[MAX_COLUMNS] = {0};
  for (size_t j = 0; j < width && j < MAX_COLUMNS; j++) {
    if (random_below(5) == 0) continue;
    int8_t *row = guarded(k, 1, random_side());
    for (size_t i = 0; i < k; i++) row[i] = (int8_t)((int)random_below(255) - 127);
    rows[j] = row;
  }
  int8_t *panel = guarded(steps * depth * width, GK_ALIGNMENT, random_side());
  gk_pack_panel_s8(rows, set->s8, k, panel);
  for (size_t s = 0; s < steps; s++)
    for (size_t j = 0; j < width; j++)
      for (size_t d = 0; d < depth; d++) {
        const size_t i = s * depth + d;
        const int weight = i < k && rows[j] ? rows[j][i] : 0;
        const uint8_t expected = (uint8_t)(i < k ? weight + (int)set->s8->offset : 0);
        const uint8_t found = (uint8_t)panel[(s * width + j) * depth + d];
        if (found != expected)
          fail("panel at %zu, %zu, %zu is %u, expected %u", s, j, d, found, expected);
      }
  end_case();
}

/// Weights of one panel by random, all 127 or all -127: the sums' extremes.
static void check_product(const gk_kernel_set *set, size_t rows, size_t k, int extreme) {
  const gk_s8_kernels *s8 = set->s8;
  const size_t width = s8->tile_columns, depth = s8->depth, whole = (k + depth - 1) / depth * depth;
  const size_t lda = whole + random_below(9);
  begin_case("%s gemm_s8 rows %zu k %zu lda %zu%s", set->name, rows, k, lda,
             extreme ? " extreme" : "");
  int8_t *a = guarded((rows - 1) * lda + whole, 1, random_side());
  int8_t *weight = guarded(width * k, 1, AT_END);
  int8_t *panel = guarded(whole * width, GK_ALIGNMENT, random_side());
  int32_t *sums = guarded(rows * sizeof *sums, sizeof *sums, random_side());
  int32_t *c = guarded(rows * width * sizeof *c, GK_ALIGNMENT, random_side());
  const int8_t *columns[64];
  for (size_t i = 0; i < width * k; i++)
    weight[i] = (int8_t)(extreme ? 127 * extreme : (int)random_below(255) - 127);
  for (size_t j = 0; j < width; j++) columns[j] = weight + j * k;
  gk_pack_panel_s8(columns, s8, k, panel);
  for (size_t r = 0; r < rows; r++) {
    int8_t *row = a + r * lda;
    sums[r] = 0;
    for (size_t i = 0; i < k; i++) {
      row[i] = (int8_t)(extreme ? -127 : (int)random_below(255) - 127);
      sums[r] += row[i];
    }
    for (size_t i = k; i < whole; i++) row[i] = (int8_t)random_bits(); // readable, must not matter
    if (r + 1 < rows) hide(row + whole, lda - whole);
  }
  s8->gemm(rows, k, a, lda, sums, panel, c);
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < width; j++) {
      int64_t sum = 0;
      for (size_t i = 0; i < k; i++) sum += a[r * lda + i] * columns[j][i];
      if (c[r * width + j] != sum) {
        fail("c[%zu][%zu] is %d, expected %lld", r, j, c[r * width + j], (long long)sum);
        break;
      }
    }
  end_case();
}

static void check_dequantize(const gk_kernel_set *set, size_t count, bool has_bias, bool adds,
                             float row_scale) {
  begin_case("%s dequantize_row_s8 count %zu scale %g%s%s", set->name, count, (double)row_scale,
             has_bias ? " biased" : "", adds ? " adding" : "");
  int32_t *product = guarded(count * sizeof *product, sizeof *product, random_side());
  float *scales = guarded_floats(count, sizeof(float), random_side());
  float *bias = has_bias ? guarded_floats(count, sizeof(float), random_side()) : NULL;
  float *out = guarded_floats(count, sizeof(float), random_side());
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  for (size_t i = 0; i < count; i++)
    product[i] = (int32_t)(random_bits() >> 32) >> random_below(16);
  fill(scales, count, 0, 0.01f);
  fill(out, count, -2, 2);
  if (bias) fill(bias, count, -1, 1);
  memcpy(expected, out, count * sizeof(float));
  scalar()->dequantize_row(product, count, row_scale, scales, bias, adds, expected);
  set->s8->dequantize_row(product, count, row_scale, scales, bias, adds, out);
  if (isnan(row_scale)) {
    for (size_t i = 0; i < count; i++)
      if (!isnan(out[i])) fail("out[%zu] of a row that is not finite is %g", i, (double)out[i]);
  } else {
    expect_same_bits(out, expected, count, "out");
  }
  end_case();
}

void check_s8(const gk_kernel_set *set) {
  static const size_t depths[] = {1,  2,  3,  4,   5,   7,   8,   15,  16,
                                  31, 33, 64, 127, 255, 256, 257, 300, 515};
  for (size_t i = 0; i < row_length_count(); i++)
    for (int kind = 0; kind < ROW_KINDS; kind++)
      for (int is_weight = 0; is_weight < 2; is_weight++)
        check_quantize(set, row_length(i), (row_kind)kind, is_weight);
  for (size_t d = 0; d < (quick ? 10 : 18); d++) {
    check_pack(set, depths[d]);
    for (size_t rows = 1; rows <= set->s8->tile_rows; rows++)
      check_product(set, rows, depths[d], 0);
  }
  check_product(set, 1, 0, 0);
  for (int extreme = -1; extreme <= 1; extreme += 2) check_product(set, 2, 1 << 16, extreme);
  for (size_t i = 0; i < row_length_count(); i++)
    for (int form = 0; form < 4; form++) {
      check_dequantize(set, row_length(i), form & 1, form & 2, random_between(0, 0.1f));
      check_dequantize(set, row_length(i), form & 1, form & 2, form == 3 ? NAN : 0);
    }
}
