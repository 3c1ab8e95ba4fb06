// One block of attention against plain loops in Double.
// A weight may be 0.7% off (stated in CTiles.h), and by what the sum of its score rounds; an error
// of every weight by a share e moves the result by at most e times the mean distance from it.
#include "tiles.h"

static const double weight_error = 0.007;

typedef struct {
  size_t width, length, window, first_query, query_tiles;
  float q_range;
  bool lures; // keys out of sight score far higher than those in sight
} attention_case;

/// exact[column] and its bound for one query.
static void exact_row(const attention_case *c, const float *q, const float *keys,
                      const float *values, size_t position, double *exact, double *bound) {
  const size_t first = position > c->window ? position - c->window : 0;
  const size_t end = position + c->window + 1 < c->length ? position + c->window + 1 : c->length;
  double total = 0, largest = -INFINITY, magnitude = 0;
  static double weights[4096];
  for (size_t key = first; key < end; key++) {
    double score = 0, terms = 0;
    for (size_t i = 0; i < c->width; i++) {
      const double term = (double)q[i] * (double)keys[key * c->width + i];
      score += term, terms += fabs(term);
    }
    weights[key] = score / 128;
    largest = fmax(largest, weights[key]), magnitude = fmax(magnitude, terms);
  }
  for (size_t key = first; key < end; key++) total += weights[key] = exp2(weights[key] - largest);
  const double score_rounding = (double)(c->width + 2) * FLT_EPSILON * magnitude + 0x1p-8;
  const double share = weight_error + 2 * log(2) / 128 * score_rounding + 1e-6;
  for (size_t column = 0; column < c->width; column++) {
    double sum = 0, distance = 0, size = 0;
    for (size_t key = first; key < end; key++)
      sum += weights[key] * (double)values[key * c->width + column];
    exact[column] = sum / total;
    for (size_t key = first; key < end; key++) {
      const double v = values[key * c->width + column];
      distance += weights[key] * fabs(v - exact[column]), size += weights[key] * fabs(v);
    }
    bound[column] = 1.02 * share * distance / total +
                    (double)(end - first + 4) * unit * size / total +
                    1.02 * bf16_unit * fabs(exact[column]) + 1e-6;
  }
}

static float put(gk_bf16 *at, float value) {
  *at = to_bf16(value);
  return from_bf16(*at);
}

static void check_block(const gk_kernel_set *set, const attention_case *c) {
  begin_case("%s tile_attention width %zu length %zu window %zu query %zu tiles %zu range %g%s",
             set->name, c->width, c->length, c->window, c->first_query, c->query_tiles,
             (double)c->q_range, c->lures ? " with lures" : "");
  const size_t width = c->width, rows = c->query_tiles * 16;
  const size_t blocks = (c->length + 31) / 32, slots = blocks * 32;
  // Values of one sequence among others': the columns' stride may be longer than its keys.
  const size_t v_stride = (slots + random_below(3) * 32) * 16;
  gk_bf16 *q = guarded(rows * width * 2, GK_ALIGNMENT, random_side());
  gk_bf16 *k = guarded(slots * width * 2, GK_ALIGNMENT, random_side());
  gk_bf16 *v = guarded(((width / 16 - 1) * v_stride + slots * 16) * 2, GK_ALIGNMENT, random_side());
  float *q_values = guarded_floats(rows * width, sizeof(float), AT_END);
  float *k_values = guarded_floats(slots * width, sizeof(float), AT_END);
  float *v_values = guarded_floats(slots * width, sizeof(float), AT_END);
  for (size_t i = 0; i + 1 < width / 16; i++)
    hide(v + i * v_stride + slots * 16, (v_stride - slots * 16) * 2);
  for (size_t i = 0; i < rows * width; i++)
    q_values[i] = put(&q[i], random_between(-c->q_range, c->q_range));
  for (size_t key = 0; key < slots; key++) {
    // Behind the sequence's end: any finite key, values of 0, as tile_heads leaves them.
    const float range = c->lures && (key >= c->length || key % 3 == 0) ? 60 : 1;
    for (size_t i = 0; i < width; i++) {
      k_values[key * width + i] = put(&k[key_index(width, key, i)], random_between(-range, range));
      v_values[key * width + i] =
          put(&v[value_index(v_stride, key, i)], key < c->length ? random_between(-2, 2) : 0);
    }
  }
  const size_t out_stride = width + random_below(3) * 32;
  gk_bf16 *out = guarded(((rows - 1) * out_stride + width) * 2, GK_ALIGNMENT, random_side());
  for (size_t r = 0; r + 1 < rows; r++)
    hide(out + r * out_stride + width, (out_stride - width) * 2);
  const gk_tile_attention block = {.q = q,
                                   .k = k,
                                   .v = v,
                                   .v_column_stride = v_stride,
                                   .width = width,
                                   .query_tiles = c->query_tiles,
                                   .first_query = c->first_query,
                                   .length = c->length,
                                   .window = c->window,
                                   .out = out,
                                   .out_stride = out_stride};
  set->tiles->attention(&block);
  static double exact[GK_WIDEST_HEAD], bound[GK_WIDEST_HEAD];
  for (size_t r = 0; r < rows; r++) {
    const size_t position = c->first_query + r;
    const bool is_live = position < c->length;
    if (is_live) exact_row(c, q_values + r * width, k_values, v_values, position, exact, bound);
    for (size_t i = 0; i < width; i++)
      expect_within(from_bf16(out[r * out_stride + i]), is_live ? exact[i] : 0,
                    is_live ? bound[i] : 0, "out", r * width + i);
  }
  end_case();
}

void check_tile_attention(const gk_kernel_set *set) {
  if (!set->tiles) return;
  static const size_t lengths[] = {1,  2,  15, 16, 17,  31,  32,  33,
                                   48, 63, 64, 65, 129, 200, 513, 1100};
  static const size_t windows[] = {0, 1, 5, 64, 10000};
  static const float ranges[] = {2, 30, 1500}; // raw scores: 128 are a factor of 2
  for (size_t l = 0; l < (quick ? 9 : 16); l++) {
    for (size_t w = 0; w < 5; w++) {
      for (size_t i = 0; i < (quick ? 2 : 6); i++) {
        const size_t length = lengths[l];
        const size_t blocks = (length + 31) / 32, first = random_below(blocks) * 32;
        const attention_case c = {.width = 32 * (1 + random_below(i == 0 ? 8 : 3)),
                                  .length = length,
                                  .window = windows[w],
                                  .first_query = first,
                                  .query_tiles = length - first > 16 ? 2 : 1,
                                  .q_range = ranges[i % 3],
                                  .lures = i >= 3};
        check_block(set, &c);
      }
    }
  }
}
