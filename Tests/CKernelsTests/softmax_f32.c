// One block of the online softmax against the scalar reference, and exp over its whole domain.
#include "check.h"

static const double least_exponent = -87.3; // below: 0, stated in vector/exponential.h

/// Bound of exp(d): the difference rounds once, which moves the exponential by u |d|; exp itself is
/// within 2 ulp, at most 4 u; the reference rounds once.
static double exp_bound(double value, double difference) {
  if (difference < least_exponent + 0.001) return exp(least_exponent);
  return value * (fabs(difference) + 5) * unit;
}

static void check_block(const gk_kernel_set *set, size_t count, float range, int masked_share,
                        bool first) {
  begin_case("%s softmax_block_f32 count %zu within %g masked 1 in %d%s", set->name, count,
             (double)range, masked_share, first ? " first" : "");
  float *scores = guarded_floats(count, sizeof(float), random_side());
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  float *kept = guarded_floats(count, sizeof(float), AT_END);
  float *running = guarded_floats(2, sizeof(float), random_side());
  fill(scores, count, -range, range);
  for (size_t i = 0; masked_share && i < count; i++)
    if (random_below((size_t)masked_share) == 0) scores[i] = -INFINITY;
  memcpy(kept, scores, count * sizeof(float));
  memcpy(expected, scores, count * sizeof(float));
  running[0] = first ? -INFINITY : random_between(-range, range);
  running[1] = first ? 0 : random_between(1, 50);
  const double old_max = running[0], old_sum = running[1];
  float expected_max = running[0], expected_sum = running[1];
  const float expected_correction =
      reference()->softmax_block_f32(expected, count, &expected_max, &expected_sum);
  const float correction = set->softmax_block_f32(scores, count, &running[0], &running[1]);

  expect_same_bits(&running[0], &expected_max, 1, "maximum");
  const double shift = isinf(expected_max) ? 0 : (double)expected_max;
  const double correction_bound =
      old_max == expected_max ? 0 : exp_bound(expected_correction, old_max - shift);
  expect_within(correction, expected_correction, correction_bound, "correction", 0);
  double sum_error = old_sum * correction_bound + 3 * unit * expected_sum;
  for (size_t i = 0; i < count; i++) {
    const double bound = exp_bound(expected[i], kept[i] - shift);
    expect_within(scores[i], expected[i], isinf(kept[i]) ? 0 : bound, "weight", i);
    sum_error += isinf(kept[i]) ? 0 : bound;
  }
  sum_error += ((double)(count / 8) + 6) * unit * expected_sum;
  expect_within(running[1], expected_sum, sum_error, "sum", 0);
  end_case();
}

/// exp(x) for the floats from -87.3 to -2^-30, every `step`-th, within 2 ulp of the exact value.
static void sweep_exp(const gk_kernel_set *set) {
  enum { BLOCK = 4096 };
  static float x[BLOCK], e[BLOCK];
  const uint32_t first = 0xb0800000u, last = 0xc2ae999au; // -2^-30, -87.3
  const uint32_t step = exhaustive ? 1 : quick ? 40009 : 997;
  for (uint64_t bits = first; bits < last;) {
    begin_case("%s exp sweep from bits %#llx", set->name, (unsigned long long)bits);
    size_t count = 0;
    for (; count < BLOCK && bits < last; count++, bits += step) {
      const uint32_t word = (uint32_t)bits;
      memcpy(&x[count], &word, sizeof word);
      e[count] = x[count];
    }
    float maximum = 0, sum = 0; // a maximum of 0 leaves the scores as they are
    set->softmax_block_f32(e, count, &maximum, &sum);
    for (size_t i = 0; i < count; i++) {
      int exponent;
      const double exact = exp((double)x[i]);
      frexp(exact, &exponent);
      const double ulp = ldexp(1, exponent < -125 ? -149 : exponent - 24);
      expect_within(e[i], exact, 2 * ulp, "exp", i);
    }
    end_case();
  }
}

static void check_nothing_but_masked(const gk_kernel_set *set) {
  begin_case("%s softmax_block_f32 of nothing but -inf, then of 2", set->name);
  float scores[19], maximum = -INFINITY, sum = 0;
  for (size_t i = 0; i < 19; i++) scores[i] = -INFINITY;
  const float correction = set->softmax_block_f32(scores, 19, &maximum, &sum);
  for (size_t i = 0; i < 19; i++) expect_within(scores[i], 0, 0, "weight", i);
  if (correction != 1 || sum != 0 || maximum != -INFINITY)
    fail("correction %g, sum %g, maximum %g", correction, sum, maximum);
  float next[] = {2, 2};
  set->softmax_block_f32(next, 2, &maximum, &sum);
  if (next[0] != 1 || next[1] != 1 || sum != 2 || maximum != 2) fail("sum %g after it", sum);
  float with_nan[] = {0, NAN, 1};
  set->softmax_block_f32(with_nan, 3, &maximum, &sum);
  if (!isnan(sum)) fail("NaN is lost: sum %g", sum);
  end_case();
}

void check_softmax(const gk_kernel_set *set) {
  static const int masked[] = {0, 3, 1}; // none, a third, all
  for (size_t i = 0; i < row_length_count(); i++)
    for (size_t m = 0; m < 3; m++)
      for (int first = 0; first < 2; first++)
        for (int wide = 0; wide < 2; wide++)
          check_block(set, row_length(i), wide ? 60 : 4, masked[m], first);
  check_nothing_but_masked(set);
  sweep_exp(set);
}

void digest_softmax(const gk_kernel_set *set) {
  enum { COUNT = 333 };
  static float scores[COUNT];
  for (size_t count = 1; count <= COUNT; count += 4) {
    float running[] = {random_between(-9, 9), 3};
    fill(scores, count, -9, 9);
    if (count > 8) scores[count / 2] = -INFINITY;
    const float correction = set->softmax_block_f32(scores, count, &running[0], &running[1]);
    digest_add(scores, count * sizeof(float));
    digest_add(running, sizeof running);
    digest_add(&correction, sizeof correction);
  }
}
