// Layer norm into tile operands, in place too, and the quantisation of bf16 rows.
#include "tiles.h"
#pragma STDC FP_CONTRACT OFF

/// The norm as the reference computes it, and how far off float arithmetic may be.
static void exact_norm(const gk_tile_rows *t, size_t row, float *values, double *bounds) {
  const float *x = t->x + row * t->x_stride;
  if (!t->weight) {
    for (size_t i = 0; i < t->count; i++) values[i] = x[i], bounds[i] = 0;
    return;
  }
  reference()->layer_norm_f32(x, t->weight, t->bias, t->eps, t->count, values);
  // As in rows_f32.c, for 16 lanes and two chains: fewer roundings than counted here.
  double magnitude = 0, mean = 0, squares = 0;
  for (size_t i = 0; i < t->count; i++) magnitude += fabs(x[i]), mean += x[i];
  mean /= (double)t->count;
  for (size_t i = 0; i < t->count; i++) squares += (x[i] - mean) * (x[i] - mean);
  const double variance = squares / (double)t->count, n = (double)(t->count / 8) + 6;
  const double scale = 1 / sqrt(variance + t->eps);
  const double mean_error = n * unit * magnitude / (double)t->count;
  const double variance_error = (n + 4) * unit + mean_error * mean_error / (variance + t->eps);
  for (size_t i = 0; i < t->count; i++) {
    const double d = fabs(x[i] - mean);
    bounds[i] =
        1.01 * fabs(t->weight[i]) * scale * (mean_error + d * (variance_error / 2 + 6 * unit)) +
        2 * unit * (fabs(values[i]) + (t->bias ? fabs(t->bias[i]) : 0));
  }
}

static void check_norm(const gk_kernel_set *set, bool is_int8, size_t rows, size_t count,
                       int form) {
  const bool has_weight = form > 0, has_bias = form > 1, is_in_place = random_below(2) == 0;
  begin_case("%s tile_norm %s rows %zu count %zu%s%s%s", set->name, is_int8 ? "s8" : "bf16", rows,
             count, has_weight ? "" : " unnormalised", has_bias ? " biased" : "",
             is_in_place ? " in place" : "");
  const size_t bytes = is_int8 ? 1 : 2, stride = count + random_below(9);
  const size_t out_stride = (count * bytes + 63) / 64 * 64 + random_below(2) * 64;
  float *x = guarded_floats((rows - 1) * stride + count, sizeof(float), random_side());
  float *weight = guarded_floats(count, sizeof(float), random_side());
  float *bias = guarded_floats(count, sizeof(float), random_side());
  char *out = guarded((rows - 1) * out_stride + count * bytes, GK_ALIGNMENT, random_side());
  float *scales = guarded_floats(rows, sizeof(float), random_side());
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  double *bounds = guarded(count * sizeof(double), sizeof(double), AT_END);
  fill(x, (rows - 1) * stride + count, -3, 4);
  float *old = guarded_floats((rows - 1) * stride + count, sizeof(float), AT_END);
  memcpy(old, x, ((rows - 1) * stride + count) * sizeof(float));
  fill(weight, count, -2, 2), fill(bias, count, -1, 1);
  for (size_t r = 0; r + 1 < rows; r++) {
    hide(x + r * stride + count, (stride - count) * sizeof(float));
    hide(out + r * out_stride + count * bytes, out_stride - count * bytes);
  }
  gk_tile_rows t = {.x = x,
                    .x_stride = stride,
                    .rows = rows,
                    .count = count,
                    .weight = has_weight ? weight : NULL,
                    .bias = has_bias ? bias : NULL,
                    .eps = 1e-5f,
                    .normed = is_in_place ? x : NULL,
                    .out = out,
                    .out_stride = out_stride,
                    .scales = is_int8 ? scales : NULL};
  products_of(set, is_int8)->norm(&t);
  t.x = old;
  for (size_t r = 0; r < rows; r++) {
    exact_norm(&t, r, expected, bounds);
    const char *row = out + r * out_stride;
    double largest = 0, widest = 0;
    for (size_t i = 0; i < count; i++) {
      largest = fmax(largest, fabs(expected[i]));
      widest = fmax(widest, bounds[i]);
    }
    if (is_int8)
      expect_within(scales[r], largest / 127, (widest + 2 * unit * largest) / 127, "scale", r);
    for (size_t i = 0; i < count; i++) {
      if (is_in_place) expect_within(x[r * stride + i], expected[i], bounds[i] + FLT_MIN, "x", i);
      else expect_same_bits(&x[r * stride + i], &old[r * stride + i], 1, "x");
      if (is_int8) {
        const double step = scales[r], value = (double)(int8_t)row[i] * step;
        expect_within(value, expected[i], step * 0.5001 + bounds[i], "out", i);
      } else {
        const double value = from_bf16(((const gk_bf16 *)row)[i]);
        expect_within(value, expected[i],
                      bf16_unit * (fabs(expected[i]) + bounds[i]) + bounds[i] + FLT_MIN, "out", i);
      }
    }
  }
  end_case();
}

static void check_quantize(const gk_kernel_set *set, size_t rows, size_t count, float range) {
  begin_case("%s tile_quantize rows %zu count %zu within %g", set->name, rows, count,
             (double)range);
  const size_t stride = count + random_below(3) * 16, out_stride = count + random_below(3) * 64;
  gk_bf16 *x = guarded(((rows - 1) * stride + count) * 2, 32, random_side());
  int8_t *out = guarded((rows - 1) * out_stride + count, 16, random_side());
  float *scales = guarded_floats(rows, sizeof(float), random_side());
  for (size_t r = 0; r < rows; r++) {
    for (size_t i = 0; i < count; i++) x[r * stride + i] = to_bf16(random_between(-range, range));
    if (r + 1 < rows) {
      hide(x + r * stride + count, (stride - count) * 2);
      hide(out + r * out_stride + count, out_stride - count);
    }
  }
  const bool has_nan = rows > 2, has_infinity = rows > 3;
  if (has_nan) x[2 * stride + count - 1] = 0x7fc0;
  if (has_infinity) x[3 * stride] = 0xff80;
  set->tiles->quantize(x, stride, rows, count, out, out_stride, scales);
  for (size_t r = 0; r < rows; r++) {
    if ((has_nan && r == 2) || (has_infinity && r == 3)) {
      if (!isnan(scales[r])) fail("scale[%zu] of a row that is not finite is %g", r, scales[r]);
      continue;
    }
    float largest = 0;
    for (size_t i = 0; i < count; i++)
      largest = fmaxf(largest, fabsf(from_bf16(x[r * stride + i])));
    const float scale = largest / 127.0f, factor = largest == 0 ? 0 : 127.0f / largest;
    expect_same_bits(&scales[r], &scale, 1, "scale");
    for (size_t i = 0; i < count; i++) {
      const float expected = fminf(127, rintf(from_bf16(x[r * stride + i]) * factor));
      expect_within(out[r * out_stride + i], expected, 0, "out", i);
    }
  }
  end_case();
}

void check_tile_rows(const gk_kernel_set *set) {
  if (!set->tiles) return;
  static const size_t counts[] = {1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 384, 768, 1152};
  for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
    for (size_t rows = 1; rows <= 5; rows += 2)
      for (int form = 0; form < 3; form++)
        for (int is_int8 = 0; is_int8 < 2; is_int8++)
          check_norm(set, is_int8, rows, counts[c], form);
  for (size_t count = 16; count <= 1152; count += count < 128 ? 16 : 256)
    for (size_t rows = 1; rows <= 5; rows++)
      check_quantize(set, rows, count, random_below(4) == 0 ? 0 : random_between(0.01f, 50));
}
