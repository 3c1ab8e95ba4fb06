// Layer norm, GeGLU, RoPE and the row scale against the scalar reference.
// Every bound is the first-order sum of the roundings the formula makes (u = eps / 2 each), derived
// beside its use; `expect_within` reports how much of it was needed.
#include "check.h"

// Roundings of a sum over `count` floats in 8 or more interleaved chains, folded: chain length, folding.
static double roundings_of_sum(size_t count) { return (double)(count / 8) + 6; }

static void check_one_layer_norm(const gk_kernel_set *set, size_t count, float shift, float spread,
                                 bool has_bias, bool in_place, float eps) {
  begin_case("%s layer_norm_f32 count %zu around %g by %g%s%s", set->name, count, (double)shift,
             (double)spread, has_bias ? " biased" : "", in_place ? " in place" : "");
  float *x = guarded_floats(count, sizeof(float), random_side());
  float *weight = guarded_floats(count, sizeof(float), random_side());
  float *bias = has_bias ? guarded_floats(count, sizeof(float), random_side()) : NULL;
  float *out = in_place ? x : guarded_floats(count, sizeof(float), random_side());
  float *kept = guarded_floats(count, sizeof(float), AT_END);
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  fill(x, count, shift - spread, shift + spread);
  fill(weight, count, -2, 2);
  if (bias) fill(bias, count, -3, 3);
  memcpy(kept, x, count * sizeof(float));
  reference()->layer_norm_f32(x, weight, bias, eps, count, expected);
  set->layer_norm_f32(x, weight, bias, eps, count, out);

  double sum = 0, magnitude = 0, squares = 0;
  for (size_t i = 0; i < count; i++) sum += kept[i], magnitude += fabs(kept[i]);
  const double mean = sum / (double)count;
  for (size_t i = 0; i < count; i++) squares += (kept[i] - mean) * (kept[i] - mean);
  const double variance = squares / (double)count, n = roundings_of_sum(count);
  const double scale = 1 / sqrt(variance + eps);
  // The mean is off by n u mean|x|; so is every difference, which rounds once more. The variance
  // sums differences rounded twice and takes the mean's error squared; its root halves all that.
  const double mean_error = n * unit * magnitude / (double)count;
  const double variance_error = (n + 4) * unit + mean_error * mean_error / (variance + eps);
  for (size_t i = 0; i < count; i++) {
    const double d = fabs(kept[i] - mean), w = fabs(weight[i]);
    const double bound = w * scale * (mean_error + d * (variance_error / 2 + 6 * unit)) +
                         2 * unit * (fabs(expected[i]) + (bias ? fabs(bias[i]) : 0));
    expect_within(out[i], expected[i], 1.01 * bound + FLT_TRUE_MIN, "out", i);
  }
  end_case();
}

void check_layer_norm(const gk_kernel_set *set) {
  for (size_t i = 0; i < row_length_count(); i++) {
    for (int form = 0; form < 4; form++) {
      const bool has_bias = form & 1, in_place = form & 2;
      check_one_layer_norm(set, row_length(i), 0, 3, has_bias, in_place, 1e-5f);
      check_one_layer_norm(set, row_length(i), 500, 1, has_bias, in_place, 1e-5f);
      check_one_layer_norm(set, row_length(i), -7, 0, has_bias, in_place, 1e-2f); // variance 0
    }
  }
}

static const double erf_error = 1.2e-7; // stated in vector/exponential.h

static void expect_geglu(const float *input, const float *gate, size_t count, const float *out,
                         const float *expected) {
  for (size_t i = 0; i < count; i++) {
    // x/2 is exact. erf's argument rounds twice (constant and product), which moves erf by at most
    // 2 u max|t erf'(t)| = 0.97 u; the multiply-add, the gate and the reference round once each.
    const double half = fabs(input[i]) / 2, g = gate ? fabs(gate[i]) : 1;
    const double bound = g * half * (erf_error + unit) + 3 * unit * fabs(expected[i]);
    expect_within(out[i], expected[i], bound + FLT_TRUE_MIN, "out", i);
  }
}

static void check_one_geglu(const gk_kernel_set *set, size_t count, float range, bool has_gate,
                            bool in_place) {
  begin_case("%s geglu_f32 count %zu within %g%s%s", set->name, count, (double)range,
             has_gate ? " gated" : "", in_place ? " in place" : "");
  float *input = guarded_floats(count, sizeof(float), random_side());
  float *gate = has_gate ? guarded_floats(count, sizeof(float), random_side()) : NULL;
  float *out = in_place ? input : guarded_floats(count, sizeof(float), random_side());
  float *kept = guarded_floats(count, sizeof(float), AT_END);
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  fill(input, count, -range, range);
  if (gate) fill(gate, count, -4, 4);
  memcpy(kept, input, count * sizeof(float));
  reference()->geglu_f32(input, gate, count, expected);
  set->geglu_f32(input, gate, count, out);
  expect_geglu(kept, gate, count, out, expected);
  end_case();
}

/// gelu over the floats of both signs from 2^-40 to 128, every `step`-th.
static void sweep_geglu(const gk_kernel_set *set) {
  enum { BLOCK = 4096 };
  static float x[BLOCK], y[BLOCK], expected[BLOCK];
  const uint32_t first = 0x2b800000u, last = 0x43000000u,
                 step = exhaustive ? 1
                        : quick    ? 40009
                                   : 997;
  for (uint64_t bits = first; bits < last;) {
    begin_case("%s geglu_f32 sweep from bits %#llx", set->name, (unsigned long long)bits);
    size_t count = 0;
    for (; count < BLOCK && bits < last; count += 2, bits += step) {
      const uint32_t word = (uint32_t)bits;
      memcpy(&x[count], &word, sizeof word);
      x[count + 1] = -x[count];
    }
    reference()->geglu_f32(x, NULL, count, expected);
    set->geglu_f32(x, NULL, count, y);
    expect_geglu(x, NULL, count, y, expected);
    end_case();
  }
}

void check_geglu(const gk_kernel_set *set) {
  for (size_t i = 0; i < row_length_count(); i++)
    for (int form = 0; form < 4; form++)
      for (int wide = 0; wide < 2; wide++)
        check_one_geglu(set, row_length(i), wide ? 90 : 5, form & 1, form & 2);
  sweep_geglu(set);
  begin_case("%s geglu_f32 special values", set->name);
  float x[] = {0.0f, -0.0f, NAN, 100, -100, NAN, 1, 2, 3}, y[9];
  set->geglu_f32(x, NULL, 9, y);
  if (y[0] != 0 || y[1] != 0 || !isnan(y[2]) || !isnan(y[5])) fail("0 or NaN is lost");
  if (y[3] != 100 || y[4] != 0) fail("gelu(100) is %g, gelu(-100) is %g", y[3], y[4]);
  end_case();
}

static void check_one_rope(const gk_kernel_set *set, size_t half, float scale) {
  begin_case("%s rope_f32 half %zu scale %g", set->name, half, (double)scale);
  float *x = guarded_floats(2 * half, sizeof(float), random_side());
  float *cosine = guarded_floats(half, sizeof(float), random_side());
  float *sine = guarded_floats(half, sizeof(float), random_side());
  float *kept = guarded_floats(2 * half, sizeof(float), AT_END);
  float *expected = guarded_floats(2 * half, sizeof(float), AT_END);
  fill(x, 2 * half, -4, 4);
  for (size_t i = 0; i < half; i++) {
    const float angle = random_between(0, 7);
    cosine[i] = cosf(angle), sine[i] = sinf(angle);
  }
  memcpy(kept, x, 2 * half * sizeof(float));
  memcpy(expected, x, 2 * half * sizeof(float));
  reference()->rope_f32(expected, cosine, sine, half, scale);
  set->rope_f32(x, cosine, sine, half, scale);
  for (size_t i = 0; i < 2 * half; i++) {
    // Two products, a sum and the scale: 3 u of each term, on both sides.
    const size_t at = i % half, other = i < half ? at + half : at;
    const double terms = fabs((double)kept[i] * cosine[at]) + fabs((double)kept[other] * sine[at]);
    expect_within(x[i], expected[i], 6 * unit * terms * fabs(scale) + FLT_TRUE_MIN, "x", i);
  }
  end_case();
}

void check_rope(const gk_kernel_set *set) {
  for (size_t i = 0; i < row_length_count() && row_length(i) <= 256; i++) {
    check_one_rope(set, row_length(i), 1);
    check_one_rope(set, row_length(i), 0.125f);
  }
  for (size_t i = 0; i < row_length_count(); i++) {
    const size_t count = row_length(i);
    begin_case("%s scale_f32 count %zu", set->name, count);
    float *x = guarded_floats(count, sizeof(float), random_side());
    float *expected = guarded_floats(count, sizeof(float), AT_END);
    fill(x, count, -4, 4);
    const float scale = random_between(-2, 2);
    for (size_t j = 0; j < count; j++) expected[j] = x[j] * scale;
    set->scale_f32(x, scale, count);
    expect_same_bits(x, expected, count, "x");
    end_case();
  }
}

enum { DIGEST_COUNT = 333 };

void digest_layer_norm(const gk_kernel_set *set) {
  static float x[DIGEST_COUNT], weight[DIGEST_COUNT], bias[DIGEST_COUNT], out[DIGEST_COUNT];
  for (size_t count = 1; count <= DIGEST_COUNT; count += 4) {
    fill(x, count, -3, 5), fill(weight, count, -2, 2), fill(bias, count, -1, 1);
    set->layer_norm_f32(x, weight, count % 8 == 1 ? NULL : bias, 1e-5f, count, out);
    digest_add(out, count * sizeof(float));
  }
}

void digest_geglu(const gk_kernel_set *set) {
  static float x[DIGEST_COUNT], gate[DIGEST_COUNT], out[DIGEST_COUNT];
  for (size_t count = 1; count <= DIGEST_COUNT; count += 4) {
    fill(x, count, -7, 7), fill(gate, count, -2, 2);
    set->geglu_f32(x, gate, count, out);
    digest_add(out, count * sizeof(float));
  }
}

void digest_rope(const gk_kernel_set *set) {
  static float x[2 * DIGEST_COUNT], cosine[DIGEST_COUNT], sine[DIGEST_COUNT];
  for (size_t half = 1; half <= DIGEST_COUNT; half += 4) {
    fill(x, 2 * half, -3, 3), fill(cosine, half, -1, 1), fill(sine, half, -1, 1);
    set->rope_f32(x, cosine, sine, half, 0.125f);
    set->scale_f32(x, 1.7f, half);
    digest_add(x, 2 * half * sizeof(float));
  }
}
