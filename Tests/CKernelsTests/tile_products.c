// Tile products that add to the residual stream, those through gelu and gated ones; the packing of their weights.
#include "tiles.h"

void check_tile_pack(const gk_kernel_set *set) {
  if (!set->tiles) return;
  static const size_t depths[] = {1, 2, 31, 32, 33, 63, 64, 65, 100, 384};
  for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
    for (int is_int8 = 0; is_int8 < 2; is_int8++) {
      const size_t k = depths[d], bytes = is_int8 ? 1 : 2, per_step = GK_STEP_BYTES / bytes;
      const size_t k_steps = (k + per_step - 1) / per_step + random_below(2);
      begin_case("%s tile_pack %s k %zu steps %zu", set->name, is_int8 ? "s8" : "bf16", k, k_steps);
      const tile_case t = make_tile_case(is_int8, 1, 1, k_steps, k, false);
      // [k step][left, right][16 groups][16 columns][64 / 16 bytes]
      const char *at = t.product.panels;
      const size_t group = 4 / bytes;
      for (size_t i = 0; i < k_steps * per_step * 32; i++, at += bytes) {
        const size_t inside = i % group, column = i / group % 16, row = i / group / 16 % 16;
        const size_t side = i / group / 256 % 2, step = i / group / 512;
        const size_t depth = step * per_step + row * group + inside;
        const float weight = depth < k ? t.weight[(side * 16 + column) * k + depth] : 0;
        gk_bf16 value = 0;
        memcpy(&value, at, bytes);
        const float found = is_int8 ? (float)(int8_t)value : from_bf16(value);
        expect_same_bits(&found, &weight, 1, "panel");
      }
      end_case();
    }
  }
}

static float *copy_of(const float *values, size_t count) {
  float *copy = guarded_floats(count, sizeof(float), AT_END);
  memcpy(copy, values, count * sizeof(float));
  return copy;
}

static void check_add(const gk_kernel_set *set, const tile_case *t) {
  const size_t stride = t->columns + random_below(3) * 5, rows = t->rows, columns = t->columns;
  const size_t extent = (rows - 1) * stride + columns;
  float *x = guarded_floats(extent, sizeof(float), random_side());
  fill(x, extent, -2, 2);
  const float *old = copy_of(x, extent);
  for (size_t r = 0; r + 1 < rows; r++)
    hide(x + r * stride + columns, (stride - columns) * sizeof(float));
  float *alone = guarded_floats(GK_TILE_ROWS * columns, sizeof(float), AT_END);
  products_of(set, t->is_int8)->add(&t->product, x, stride);
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < columns; j++) {
      const exact_value exact = exact_product(t, r, j);
      const double sum = old[r * stride + j] + exact.value;
      const double bound = exact.bound + 2 * unit * (fabs(sum) + fabs(old[r * stride + j]));
      expect_within(x[r * stride + j], sum, bound, "x", r * columns + j);
    }
  }
  for (size_t tile = 0; tile < t->product.row_tiles; tile++) {
    const gk_tile_product part = row_tiles_of(t, tile, 1);
    const size_t first = tile * GK_TILE_ROWS;
    for (size_t r = 0; r < GK_TILE_ROWS; r++)
      memcpy(alone + r * columns, old + (first + r) * stride, columns * sizeof(float));
    products_of(set, t->is_int8)->add(&part, alone, columns);
    for (size_t r = 0; r < GK_TILE_ROWS; r++)
      expect_same_bits(x + (first + r) * stride, alone + r * columns, columns, "x tile by tile");
  }
}

static double gelu(double x) { return 0.5 * x * (1 + erf(x * 0.70710678118654752440)); }

/// Absolute error of the tile kernels' gelu, stated in CTiles.h.
static const double tile_gelu_error = 1.5e-4;

/// Every row tile alone has the bits it has among others.
static void expect_same_alone(const gk_kernel_set *set, const tile_case *t, bool is_gated,
                              const gk_bf16 *out, size_t stride, size_t columns) {
  gk_bf16 *alone = guarded(GK_TILE_ROWS * columns * 2, GK_ALIGNMENT, AT_END);
  const gk_tile_products *products = products_of(set, t->is_int8);
  for (size_t tile = 0; tile < t->product.row_tiles; tile++) {
    const gk_tile_product part = row_tiles_of(t, tile, 1);
    if (is_gated) products->geglu(&part, alone, columns);
    else products->gelu(&part, alone, columns);
    for (size_t r = 0; r < GK_TILE_ROWS; r++)
      if (memcmp(out + (tile * GK_TILE_ROWS + r) * stride, alone + r * columns, columns * 2) != 0)
        fail("row %zu of tile %zu has other bits alone", r, tile);
  }
}

/// Rows of `columns`, and their stride.
static gk_bf16 *make_out(const tile_case *t, size_t columns, size_t *stride) {
  *stride = (columns / 32 + 1 + random_below(2)) * 32;
  gk_bf16 *out =
      guarded(((t->rows - 1) * *stride + columns) * sizeof(gk_bf16), GK_ALIGNMENT, random_side());
  for (size_t r = 0; r + 1 < t->rows; r++)
    hide(out + r * *stride + columns, (*stride - columns) * sizeof(gk_bf16));
  return out;
}

static void check_gelu(const gk_kernel_set *set, const tile_case *t) {
  size_t stride;
  gk_bf16 *out = make_out(t, t->columns, &stride);
  products_of(set, t->is_int8)->gelu(&t->product, out, stride);
  for (size_t r = 0; r < t->rows; r++) {
    for (size_t j = 0; j < t->columns; j++) {
      const exact_value input = exact_product(t, r, j);
      // |gelu'| <= 1.13; gelu itself, its rounding far out, and the rounding to bf16.
      const double exact = gelu(input.value);
      const double bound = 1.13 * input.bound + tile_gelu_error + 6 * unit * fabs(input.value) +
                           1.01 * bf16_unit * (fabs(exact) + tile_gelu_error) + FLT_MIN;
      expect_within(from_bf16(out[r * stride + j]), exact, bound, "out", r * t->columns + j);
    }
  }
  expect_same_alone(set, t, false, out, stride, t->columns);
}

static void check_gated(const gk_kernel_set *set, const tile_case *t) {
  const size_t columns = t->columns / 2;
  size_t stride;
  gk_bf16 *out = make_out(t, columns, &stride);
  products_of(set, t->is_int8)->geglu(&t->product, out, stride);
  for (size_t r = 0; r < t->rows; r++) {
    for (size_t j = 0; j < columns; j++) {
      const size_t left = j / 16 * 32 + j % 16;
      const exact_value input = exact_product(t, r, left), gate = exact_product(t, r, left + 16);
      // |gelu'| <= 1.13; gelu itself, its rounding far out, the product, and the rounding to bf16.
      const double exact = gelu(input.value) * gate.value, size = fabs(gate.value) + gate.bound;
      const double bound = 1.13 * input.bound * size + fabs(gelu(input.value)) * gate.bound +
                           size * (tile_gelu_error + 6 * unit * fabs(input.value)) +
                           1.01 * bf16_unit * (fabs(exact) + size * tile_gelu_error) + FLT_MIN;
      expect_within(from_bf16(out[r * stride + j]), exact, bound, "out", r * columns + j);
    }
  }
  expect_same_alone(set, t, true, out, stride, columns);
}

void check_tile_products(const gk_kernel_set *set) {
  if (!set->tiles) return;
  static const char *const names[] = {"add", "gelu", "geglu"};
  static void (*const checks[])(const gk_kernel_set *, const tile_case *) = {check_add, check_gelu,
                                                                             check_gated};
  static const size_t heights[] = {1, 2, 3, 4, 7}, depths[] = {1, 2, 3, 5, 11, 33, 40};
  for (size_t h = 0; h < 5; h++) {
    for (size_t d = 0; d < (quick ? 4 : 7); d++) {
      for (size_t panels = 1; panels <= 3; panels++) {
        for (int form = 0; form < 6; form++) {
          const bool is_int8 = form & 1, has_bias = random_below(2) == 0;
          const size_t per_step = is_int8 ? 64 : 32;
          const size_t k = depths[d] * per_step - random_below(per_step);
          begin_case("%s tile_%s %s tiles %zu panels %zu steps %zu k %zu%s", set->name,
                     names[form / 2], is_int8 ? "s8" : "bf16", heights[h], panels, depths[d], k,
                     has_bias ? " biased" : "");
          const tile_case t = make_tile_case(is_int8, heights[h], panels, depths[d], k, has_bias);
          checks[form / 2](set, &t);
          end_case();
        }
      }
    }
  }
}
