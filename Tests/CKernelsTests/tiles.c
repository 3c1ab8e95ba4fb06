// Random tile products and their exact results.
#include "tiles.h"
#pragma STDC FP_CONTRACT OFF

gk_bf16 to_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (gk_bf16)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16); // nearest even; never NaN here
}

float from_bf16(gk_bf16 value) {
  const uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

const gk_tile_products *products_of(const gk_kernel_set *set, bool is_int8) {
  return is_int8 ? &set->tiles->int8 : &set->tiles->bf16;
}

/// One random element as the operand holds it.
static float element(bool is_int8, void *at) {
  if (is_int8) {
    const int8_t value = (int8_t)((int)random_below(255) - 127);
    memcpy(at, &value, 1);
    return value;
  }
  const gk_bf16 value = to_bf16(random_between(-1, 1));
  memcpy(at, &value, 2);
  return from_bf16(value);
}

/// Packs one panel of random weights: floats for bf16, bytes for int8.
static void fill_panel(tile_case *t, size_t panel, size_t k_steps, char *packed, float *weight) {
  const size_t bytes = t->is_int8 ? 1 : 4, row_bytes = t->k * bytes;
  char *source = guarded(GK_PANEL_COLUMNS * row_bytes, bytes, random_side());
  const void *rows[GK_PANEL_COLUMNS] = {0};
  for (size_t j = 0; j < GK_PANEL_COLUMNS; j++) {
    float *decoded = weight + (panel * GK_PANEL_COLUMNS + j) * t->k;
    char *row = source + j * row_bytes, raw[2];
    const bool is_null = random_below(8) == 0;
    if (!is_null) rows[j] = row;
    for (size_t i = 0; i < t->k; i++) {
      decoded[i] = is_null ? 0 : element(t->is_int8, raw);
      if (t->is_int8) row[i] = (char)(int8_t)decoded[i];
      else memcpy(row + i * bytes, &decoded[i], bytes);
    }
  }
  char *at = packed + panel * k_steps * GK_PANEL_STEP_BYTES;
  if (t->is_int8) gk_tile_pack_s8((const int8_t *const *)rows, t->k, k_steps, at);
  else gk_tile_pack_bf16((const float *const *)rows, t->k, k_steps, at);
}

tile_case make_tile_case(bool is_int8, size_t row_tiles, size_t panel_count, size_t k_steps,
                         size_t k, bool has_bias) {
  tile_case t = {.is_int8 = is_int8,
                 .rows = row_tiles * GK_TILE_ROWS,
                 .columns = panel_count * GK_PANEL_COLUMNS,
                 .k = k};
  const size_t bytes = is_int8 ? 1 : 2, row_bytes = k_steps * GK_STEP_BYTES;
  const size_t stride = row_bytes + random_below(3) * GK_STEP_BYTES;
  char *a = guarded((t.rows - 1) * stride + row_bytes, GK_ALIGNMENT, random_side());
  float *decoded = guarded_floats(t.rows * k, sizeof(float), AT_END);
  float *weight = guarded_floats(t.columns * k, sizeof(float), AT_END);
  char *panels = guarded(panel_count * k_steps * GK_PANEL_STEP_BYTES, GK_ALIGNMENT, random_side());
  for (size_t r = 0; r < t.rows; r++) {
    char *row = a + r * stride;
    for (size_t i = 0; i < k; i++) decoded[r * k + i] = element(is_int8, row + i * bytes);
    memset(row + k * bytes, 0, row_bytes - k * bytes);
    if (r + 1 < t.rows) hide(row + row_bytes, stride - row_bytes);
  }
  for (size_t panel = 0; panel < panel_count; panel++)
    fill_panel(&t, panel, k_steps, panels, weight);
  t.a = decoded;
  t.weight = weight;
  t.product = (gk_tile_product){.a = a,
                                .a_stride = stride,
                                .row_tiles = row_tiles,
                                .panels = panels,
                                .panel_count = panel_count,
                                .k_steps = k_steps};
  if (has_bias) {
    float *bias = guarded_floats(t.columns, sizeof(float), random_side());
    fill(bias, t.columns, -1, 1);
    t.product.bias = bias;
  }
  if (is_int8) {
    float *column_scales = guarded_floats(t.columns, sizeof(float), random_side());
    float *row_scales = guarded_floats(t.rows, sizeof(float), random_side());
    fill(column_scales, t.columns, 0.001f, 0.02f);
    fill(row_scales, t.rows, 0.001f, 0.02f);
    t.product.column_scales = column_scales;
    t.product.row_scales = row_scales;
  }
  return t;
}

exact_value exact_product(const tile_case *t, size_t row, size_t column) {
  const float *a = t->a + row * t->k, *w = t->weight + column * t->k;
  double value = 0, magnitude = 0;
  for (size_t i = 0; i < t->k; i++) {
    const double term = (double)a[i] * (double)w[i];
    value += term;
    magnitude += fabs(term);
  }
  double bound = (double)(t->k + 2) * FLT_EPSILON * magnitude;
  if (t->is_int8) {
    // The sum is exact; it, the product of the scales and their product round once each.
    const double scale =
        (double)t->product.row_scales[row] * (double)t->product.column_scales[column];
    value *= scale;
    bound = 4 * unit * fabs(value);
  }
  if (t->product.bias) {
    const double bias = t->product.bias[column];
    value += bias;
    bound += 2 * unit * (fabs(value) + fabs(bias));
  }
  return (exact_value){value, bound};
}

gk_tile_product row_tiles_of(const tile_case *t, size_t first, size_t count) {
  gk_tile_product part = t->product;
  part.a = (const char *)part.a + first * GK_TILE_ROWS * part.a_stride;
  part.row_tiles = count;
  if (part.row_scales) part.row_scales += first * GK_TILE_ROWS;
  return part;
}

size_t key_index(size_t width, size_t key, size_t slot) {
  // Keys of a block stand 4 left, 4 right, by turns.
  const size_t block = key / GK_KEY_BLOCK, four = key % GK_KEY_BLOCK / 4;
  const size_t column = four / 2 * 4 + key % 4;
  const size_t tile = (block * (width / 32) + slot / 32) * 2 + four % 2;
  return tile * 512 + slot % 32 / 2 * 32 + column * 2 + slot % 2;
}

size_t value_index(size_t v_column_stride, size_t key, size_t column) {
  return column / 16 * v_column_stride + key / 2 * 32 + column % 16 * 2 + key % 2;
}
