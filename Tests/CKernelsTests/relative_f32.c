// Scores of relative positions against the scalar reference: additions in one order, so the same bits.
#include "check.h"

enum { LEAST_BUCKET = 40, BUCKETS = 24 };

static void check_one(const gk_kernel_set *set, size_t count, size_t stride, bool has_row,
                      bool has_rows) {
  begin_case("%s relative_f32 count %zu stride %zu%s%s", set->name, count, stride,
             has_row ? " row" : "", has_rows ? " rows" : "");
  int32_t *bucket = guarded(count * sizeof *bucket, sizeof *bucket, random_side());
  float *row = guarded_floats(BUCKETS, sizeof(float), random_side());
  // The last row ends with its last bucket.
  const size_t extent = count ? (count - 1) * stride + BUCKETS : 0;
  float *rows = guarded_floats(extent, sizeof(float), random_side());
  float *scores = guarded_floats(count, sizeof(float), random_side());
  float *expected = guarded_floats(count, sizeof(float), AT_END);
  for (size_t j = 0; j < count; j++) bucket[j] = LEAST_BUCKET + (int32_t)random_below(BUCKETS);
  fill(row, BUCKETS, -3, 3);
  fill(rows, extent, -3, 3);
  for (size_t j = 0; j + 1 < count; j++)
    hide(rows + j * stride + BUCKETS, (stride - BUCKETS) * sizeof(float));
  fill(scores, count, -9, 9);
  memcpy(expected, scores, count * sizeof(float));
  const float *left = has_row ? row : NULL, *right = has_rows ? rows : NULL;
  reference()->relative_f32(bucket, LEAST_BUCKET, count, left, right, stride, expected);
  set->relative_f32(bucket, LEAST_BUCKET, count, left, right, stride, scores);
  expect_same_bits(scores, expected, count, "scores");
  end_case();
}

void check_relative(const gk_kernel_set *set) {
  for (size_t i = 0; i < row_length_count(); i++) {
    if (row_length(i) > 300) continue;
    for (int form = 1; form < 4; form++) {
      check_one(set, row_length(i), BUCKETS, form & 1, form & 2);
      check_one(set, row_length(i), BUCKETS + 3, form & 1, form & 2);
    }
  }
}

void digest_relative(const gk_kernel_set *set) {
  enum { COUNT = 131, STRIDE = 26 };
  int32_t bucket[COUNT];
  float row[BUCKETS], rows[COUNT * STRIDE], scores[COUNT];
  for (size_t j = 0; j < COUNT; j++) bucket[j] = LEAST_BUCKET + (int32_t)random_below(BUCKETS);
  fill(row, BUCKETS, -3, 3);
  fill(rows, COUNT * STRIDE, -3, 3);
  fill(scores, COUNT, -9, 9);
  set->relative_f32(bucket, LEAST_BUCKET, COUNT, row, rows, STRIDE, scores);
  digest_add(scores, sizeof scores);
}
