// The product that makes queries, keys and values: rotated or not, scaled, stored where attention reads them.
#include "tiles.h"

enum { MAX_TILES = 16, MAX_SEQUENCES = 4 };

/// A batch: which key tile, which position and how many tokens every row tile has.
typedef struct {
  size_t row_tiles, key_blocks;
  uint32_t *key_tiles, *positions, *live_rows;
} batch_layout;

static batch_layout lay_out(const size_t *lengths, size_t count) {
  batch_layout layout = {0};
  for (size_t s = 0; s < count; s++) layout.row_tiles += (lengths[s] + 15) / 16;
  const size_t bytes = layout.row_tiles * sizeof(uint32_t);
  layout.key_tiles = guarded(bytes, 4, AT_END);
  layout.positions = guarded(bytes, 4, AT_END);
  layout.live_rows = guarded(bytes, 4, AT_END);
  size_t tile = 0;
  for (size_t s = 0; s < count; s++) {
    for (size_t first = 0; first < lengths[s]; first += 16, tile++) {
      const size_t left = lengths[s] - first;
      layout.key_tiles[tile] = (uint32_t)(layout.key_blocks * 2 + first / 16);
      layout.positions[tile] = (uint32_t)first;
      layout.live_rows[tile] = (uint32_t)(left < 16 ? left : 16);
    }
    layout.key_blocks += (lengths[s] + 31) / 32;
  }
  return layout;
}

/// Compares one stored number and marks its place as written.
static void expect_stored(gk_bf16 *area, size_t at, exact_value exact, const char *what) {
  const double bound = exact.bound + 1.01 * bf16_unit * (fabs(exact.value) + exact.bound) + FLT_MIN;
  expect_within(from_bf16(area[at]), exact.value, bound, what, at);
  area[at] = 0xffff; // as it was before: what is left over was written without being asked for
}

static exact_value rotate(exact_value a, exact_value b, double cosine, double sine, double scale) {
  const double terms = (fabs(a.value * cosine) + fabs(b.value * sine)) * fabs(scale);
  const double carried = (a.bound * fabs(cosine) + b.bound * fabs(sine)) * fabs(scale);
  return (exact_value){(a.value * cosine - b.value * sine) * scale, carried + 5 * unit * terms};
}

static void expect_untouched(const gk_bf16 *area, size_t count, const char *what) {
  for (size_t i = 0; i < count; i++)
    if (area[i] != 0xffff) {
      fail("%s[%zu] was written", what, i);
      return;
    }
}

static void check_one(const gk_kernel_set *set, bool is_int8, size_t heads, size_t width,
                      const size_t *lengths, size_t sequences, bool is_rotated) {
  begin_case("%s tile_heads %s heads %zu width %zu, %zu sequences from %zu%s", set->name,
             is_int8 ? "s8" : "bf16", heads, width, sequences, lengths[0],
             is_rotated ? "" : ", not rotated");
  const batch_layout layout = lay_out(lengths, sequences);
  const size_t per_head = width / 32, panels = 3 * heads * per_head;
  const size_t k_steps = 1 + random_below(4), per_step = is_int8 ? 64 : 32;
  const size_t k = k_steps * per_step - random_below(per_step);
  const tile_case t =
      make_tile_case(is_int8, layout.row_tiles, panels, k_steps, k, random_below(2) == 0);
  const size_t keys = layout.key_blocks * 32, half = width / 2, positions = 16 * MAX_TILES;
  const size_t q_count = t.rows * width, k_count = keys * width, v_stride = keys * 16;
  gk_bf16 *q = guarded(heads * q_count * 2, GK_ALIGNMENT, random_side());
  gk_bf16 *k_area = guarded(heads * k_count * 2, GK_ALIGNMENT, random_side());
  gk_bf16 *v = guarded(heads * k_count * 2, GK_ALIGNMENT, random_side());
  float *cosines = guarded_floats(positions * half, GK_ALIGNMENT, AT_END);
  float *sines = guarded_floats(positions * half, GK_ALIGNMENT, AT_END);
  memset(q, 0xff, heads * q_count * 2);
  memset(k_area, 0xff, heads * k_count * 2), memset(v, 0xff, heads * k_count * 2);
  for (size_t i = 0; i < positions * half; i++) {
    const float angle = random_between(0, 7);
    cosines[i] = cosf(angle), sines[i] = sinf(angle);
  }
  const gk_tile_heads place = {.q = q,
                               .k = k_area,
                               .v = v,
                               .q_head_stride = q_count,
                               .k_head_stride = k_count,
                               .v_head_stride = k_count,
                               .v_column_stride = v_stride,
                               .head_count = heads,
                               .width = width,
                               .key_tiles = layout.key_tiles,
                               .positions = layout.positions,
                               .live_rows = layout.live_rows,
                               .cosines = is_rotated ? cosines : NULL,
                               .sines = is_rotated ? sines : NULL,
                               .q_scale = 23.083f};
  // In parts, as several threads do it: some panels of some row tiles.
  const size_t tile_step = 1 + random_below(layout.row_tiles);
  const size_t panel_step = 1 + random_below(panels);
  for (size_t tile = 0; tile < layout.row_tiles; tile += tile_step) {
    const size_t left = layout.row_tiles - tile;
    for (size_t panel = 0; panel < panels; panel += panel_step) {
      gk_tile_product part = row_tiles_of(&t, tile, left < tile_step ? left : tile_step);
      part.panels = (const char *)part.panels + panel * k_steps * GK_PANEL_STEP_BYTES;
      part.panel_count = panels - panel < panel_step ? panels - panel : panel_step;
      if (part.bias) part.bias += panel * GK_PANEL_COLUMNS;
      if (part.column_scales) part.column_scales += panel * GK_PANEL_COLUMNS;
      products_of(set, is_int8)->heads(&part, panel, tile, &place);
    }
  }

  for (size_t row = 0; row < t.rows; row++) {
    const size_t tile = row / 16, key = layout.key_tiles[tile] * 16 + row % 16;
    const bool is_live = row % 16 < layout.live_rows[tile];
    for (size_t panel = 0; panel < panels; panel++) {
      const size_t part = panel / per_head, inside = panel % per_head, head = part % heads;
      for (size_t j = 0; j < 16; j++) {
        const exact_value left = exact_product(&t, row, panel * 32 + j);
        const exact_value right = exact_product(&t, row, panel * 32 + 16 + j);
        if (part >= 2 * heads) {
          const exact_value zero = {0, 0};
          gk_bf16 *area = v + head * k_count;
          const size_t column = inside * 32 + j;
          expect_stored(area, value_index(v_stride, key, column), is_live ? left : zero, "v");
          expect_stored(area, value_index(v_stride, key, column + 16), is_live ? right : zero, "v");
          continue;
        }
        const size_t angle = (layout.positions[tile] + row % 16) * half + inside * 16 + j;
        const bool is_query = part < heads;
        const double c = is_rotated ? cosines[angle] : 1, s = is_rotated ? sines[angle] : 0;
        const double scale = is_query ? (double)place.q_scale : 1;
        const exact_value low = rotate(left, right, c, s, scale);
        const exact_value high = rotate(right, left, c, -s, scale);
        const size_t slot = inside * 32 + j;
        gk_bf16 *area = is_query ? q + head * q_count : k_area + head * k_count;
        expect_stored(area, is_query ? row * width + slot : key_index(width, key, slot), low,
                      is_query ? "q" : "k");
        expect_stored(area, is_query ? row * width + slot + 16 : key_index(width, key, slot + 16),
                      high, is_query ? "q" : "k");
      }
    }
  }
  expect_untouched(q, heads * q_count, "q");
  expect_untouched(k_area, heads * k_count, "k");
  expect_untouched(v, heads * k_count, "v");
  end_case();
}

void check_tile_heads(const gk_kernel_set *set) {
  if (!set->tiles) return;
  for (size_t i = 0; i < (quick ? 8 : 80); i++) {
    size_t lengths[MAX_SEQUENCES];
    const size_t sequences = 1 + random_below(MAX_SEQUENCES);
    for (size_t s = 0; s < sequences; s++) lengths[s] = 1 + random_below(60);
    check_one(set, i & 1, 1 + random_below(3), 32 * (1 + random_below(3)), lengths, sequences,
              i & 6);
  }
}
