// Products on AMX tiles, 32 x 32 results at a time (2 x 2 tiles of accumulators), for bf16 and int8.
// tmm0-3 accumulate, tmm4-5 hold A, tmm6-7 hold B: the eight tiles there are.
//
// The tiles of a finished block are stored to a scratch block, and its epilogue runs row by row between the
// k steps of the next block, so that vector and tile units work side by side.
//
// Define GK_INT8 (0 or 1) before including, inside the target pragma. Source of the instructions: Intel
// Architecture Instruction Set Extensions Programming Reference, chapter 3 (AMX).
#include "../vector/bf16_avx512.h"
#include "../tile/tile_config.h"
#include "CTiles.h"

#if GK_INT8
#define GK_DOT _tile_dpbssd
#define GK_TILE_NAME(operation) gk_tile_##operation##_s8_amx
#else
#define GK_DOT _tile_dpbf16ps
#define GK_TILE_NAME(operation) gk_tile_##operation##_bf16_amx
#endif

typedef enum { OP_ADD, OP_GEGLU, OP_HEADS } tile_op;

/// What an epilogue writes to.
typedef struct {
  void *out; // OP_ADD: float, OP_GEGLU: gk_bf16
  size_t stride;
  size_t first_panel, first_tile; // OP_HEADS
  const gk_tile_heads *heads;
} tile_sink;

/// A block whose products wait for their epilogue.
typedef struct {
  const float *products; // 2 x 2 tiles of 16 x 16, row-major among themselves
  size_t row;            // first row of the call's block
  size_t rows;           // 16 or 32; 0: nothing waits
  size_t panel;
} tile_block;

typedef struct {
  __m512 left, right;
} tile_row;

GK_BF16_INLINE tile_row load_row(const gk_tile_product *p, const tile_block *block, size_t r) {
  const float *at = block->products + (r & 16) * 32 + (r & 15) * 16;
  tile_row row;
#if GK_INT8
  const float *scales = p->column_scales + block->panel * 32;
  const __m512 scale = _mm512_set1_ps(p->row_scales[block->row + r]);
  row.left = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(at)),
                           _mm512_mul_ps(scale, _mm512_loadu_ps(scales)));
  row.right = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(at + 256)),
                            _mm512_mul_ps(scale, _mm512_loadu_ps(scales + 16)));
#else
  row.left = _mm512_load_ps(at);
  row.right = _mm512_load_ps(at + 256);
#endif
  if (p->bias) {
    row.left = _mm512_add_ps(row.left, _mm512_loadu_ps(p->bias + block->panel * 32));
    row.right = _mm512_add_ps(row.right, _mm512_loadu_ps(p->bias + block->panel * 32 + 16));
  }
  return row;
}

GK_BF16_INLINE void add_row(tile_row row, float *x) {
  _mm512_storeu_ps(x, _mm512_add_ps(_mm512_loadu_ps(x), row.left));
  _mm512_storeu_ps(x + 16, _mm512_add_ps(_mm512_loadu_ps(x + 16), row.right));
}

GK_BF16_INLINE void geglu_row(tile_row row, gk_bf16 *out) {
  _mm256_storeu_si256((__m256i *)out, gk_to_bf16(_mm512_mul_ps(gk_gelu_bf16(row.left), row.right)));
}

/// left, right <- rotated by the row's angles, as bf16 side by side.
GK_BF16_INLINE __m512i rotated(tile_row row, const float *cosines, const float *sines, __m512 scale) {
  const __m512 c = _mm512_mul_ps(_mm512_loadu_ps(cosines), scale);
  const __m512 s = _mm512_mul_ps(_mm512_loadu_ps(sines), scale);
  const __m512 low = _mm512_fnmadd_ps(row.right, s, _mm512_mul_ps(row.left, c));
  const __m512 high = _mm512_fmadd_ps(row.left, s, _mm512_mul_ps(row.right, c));
  return gk_pair_to_bf16(low, high);
}

/// Stores 16 keys x 32 dimensions, a row each, as columns of a key block's left and right tile. Keys stand
/// in the order that packing scores to 16 bits undoes: 4 left, 4 right, by turns.
static __attribute__((noinline)) void store_keys(const __m512i keys[16], gk_bf16 *left, size_t half) {
  __m512i a[16], b[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(keys[i], keys[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(keys[i], keys[i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
  // b[4 g + j], lane l: pair 4 l + j of keys 4 g ... 4 g + 3. Left: groups 0 and 2; right: 1 and 3.
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    const __m512i evens0 = _mm512_shuffle_i32x4(b[j], b[8 + j], 0x44);      // g0l0 g0l1 g2l0 g2l1
    const __m512i evens1 = _mm512_shuffle_i32x4(b[j], b[8 + j], 0xee);      // g0l2 g0l3 g2l2 g2l3
    const __m512i odds0 = _mm512_shuffle_i32x4(b[4 + j], b[12 + j], 0x44);
    const __m512i odds1 = _mm512_shuffle_i32x4(b[4 + j], b[12 + j], 0xee);
    const __m512i e0 = _mm512_shuffle_i32x4(evens0, evens0, 0xd8);          // l0: g0 g2, l1: g0 g2
    const __m512i e1 = _mm512_shuffle_i32x4(evens1, evens1, 0xd8);
    const __m512i o0 = _mm512_shuffle_i32x4(odds0, odds0, 0xd8);
    const __m512i o1 = _mm512_shuffle_i32x4(odds1, odds1, 0xd8);
    char *at = (char *)left + j * 64 + half * 32;
    _mm256_store_si256((__m256i *)(at), _mm512_castsi512_si256(e0));
    _mm256_store_si256((__m256i *)(at + 256), _mm512_extracti64x4_epi64(e0, 1));
    _mm256_store_si256((__m256i *)(at + 512), _mm512_castsi512_si256(e1));
    _mm256_store_si256((__m256i *)(at + 768), _mm512_extracti64x4_epi64(e1, 1));
    at += 1024;
    _mm256_store_si256((__m256i *)(at), _mm512_castsi512_si256(o0));
    _mm256_store_si256((__m256i *)(at + 256), _mm512_extracti64x4_epi64(o0, 1));
    _mm256_store_si256((__m256i *)(at + 512), _mm512_castsi512_si256(o1));
    _mm256_store_si256((__m256i *)(at + 768), _mm512_extracti64x4_epi64(o1, 1));
  }
}

/// One row of q, k or v. `held` keeps what a key tile (16 rows) or a value pair (2 rows) waits for.
GK_BF16_INLINE void heads_row(const gk_tile_product *p, const tile_block *block, size_t r,
                              const tile_sink *sink, __m512i held[16]) {
  const gk_tile_heads *h = sink->heads;
  const size_t per_head = h->width / 32;
  const size_t panel = sink->first_panel + block->panel;
  const size_t part = panel / per_head, inside = panel % per_head;
  const size_t tile = sink->first_tile + (block->row + r) / 16, in_tile = r % 16;
  const tile_row row = load_row(p, block, r);
  if (part < 2 * h->head_count) {
    const size_t angle = (h->positions[tile] + in_tile) * (h->width / 2) + inside * 16;
    const int is_query = part < h->head_count;
    const __m512 scale = _mm512_set1_ps(is_query ? h->q_scale : 1.0f);
    const __m512i pair = rotated(row, h->cosines + angle, h->sines + angle, scale);
    if (is_query) {
      gk_bf16 *q = h->q + part * h->q_head_stride;
      _mm512_store_si512(q + (tile * 16 + in_tile) * h->width + inside * 32, pair);
    } else {
      held[in_tile] = pair;
      if (in_tile == 15) {
        gk_bf16 *k = h->k + (part - h->head_count) * h->k_head_stride;
        const size_t at = h->key_tiles[tile];
        store_keys(held, k + (at / 2 * per_head + inside) * 1024, at % 2);
      }
    }
    return;
  }
  const __m512 zero = _mm512_setzero_ps();
  const int is_live = in_tile < h->live_rows[tile];
  const __m512i values = gk_pair_to_bf16(is_live ? row.left : zero, is_live ? row.right : zero);
  if (in_tile % 2 == 0) {
    held[0] = values;
    return;
  }
  const __m512i interleave = _mm512_set_epi16(
      47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3,
      34, 2, 33, 1, 32, 0);
  const __m512i upper = _mm512_add_epi16(interleave, _mm512_set1_epi16(16));
  gk_bf16 *v = h->v + (part - 2 * h->head_count) * h->v_head_stride +
               2 * inside * h->v_column_stride + (h->key_tiles[tile] * 8 + in_tile / 2) * 32;
  _mm512_store_si512(v, _mm512_permutex2var_epi16(held[0], interleave, values));
  _mm512_store_si512(v + h->v_column_stride, _mm512_permutex2var_epi16(held[0], upper, values));
}

GK_BF16_INLINE void finish_row(const tile_op op, const gk_tile_product *p, const tile_block *block,
                               size_t r, const tile_sink *sink, __m512i held[16]) {
  const size_t row = block->row + r;
  switch (op) {
  case OP_ADD:
    add_row(load_row(p, block, r), (float *)sink->out + row * sink->stride + block->panel * 32);
    break;
  case OP_GEGLU:
    geglu_row(load_row(p, block, r), (gk_bf16 *)sink->out + row * sink->stride + block->panel * 16);
    break;
  case OP_HEADS:
    heads_row(p, block, r, sink, held);
    break;
  }
}

GK_BF16_INLINE void multiply(const gk_tile_product *p, const tile_op op, const tile_sink *sink) {
  _Alignas(64) float scratch[2][1024];
  __m512i held[16];
  tile_block waiting = {.rows = 0};
  int side = 0;
  // Rows of the waiting block finished per k step, so that all are done within the next block.
  const size_t share = (32 + p->k_steps - 1) / p->k_steps;
  const size_t panel_bytes = p->k_steps * GK_PANEL_STEP_BYTES;
  const size_t blocks = (p->row_tiles + 1) / 2;
  const size_t ahead = (32 + blocks - 1) / blocks; // lines of the next panel fetched per k step
  gk_tile_configure();
  for (size_t panel = 0; panel < p->panel_count; panel++) {
    const char *b_panel = (const char *)p->panels + panel * panel_bytes;
    for (size_t tile = 0; tile < p->row_tiles; tile += 2) {
      const int both = p->row_tiles - tile >= 2;
      const char *a = (const char *)p->a + tile * 16 * p->a_stride;
      const char *a_low = a + 16 * p->a_stride;
      const char *b = b_panel;
      const char *next = b_panel + panel_bytes + tile / 2 * ahead * 64;
      const int fetches = panel + 1 < p->panel_count;
      size_t done = 0;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (size_t k = 0; k < p->k_steps; k++) {
        _tile_loadd(6, b, 64);
        _tile_loadd(4, a, p->a_stride);
        _tile_loadd(7, b + 1024, 64);
        GK_DOT(0, 4, 6);
        GK_DOT(1, 4, 7);
        if (both) {
          _tile_loadd(5, a_low, p->a_stride);
          GK_DOT(2, 5, 6);
          GK_DOT(3, 5, 7);
        }
        if (fetches)
          for (size_t line = 0; line < ahead; line++) _mm_prefetch(next + line * 64, _MM_HINT_T1);
        next += GK_PANEL_STEP_BYTES;
        a += 64;
        a_low += 64;
        b += GK_PANEL_STEP_BYTES;
        for (size_t i = 0; i < share && done < waiting.rows; i++)
          finish_row(op, p, &waiting, done++, sink, held);
      }
      float *products = scratch[side];
      _tile_stored(0, products, 64);
      _tile_stored(1, products + 256, 64);
      if (both) {
        _tile_stored(2, products + 512, 64);
        _tile_stored(3, products + 768, 64);
      }
      waiting = (tile_block){products, tile * 16, both ? 32 : 16, panel};
      side ^= 1;
    }
  }
  for (size_t r = 0; r < waiting.rows; r++) finish_row(op, p, &waiting, r, sink, held);
  _tile_release();
}

void GK_TILE_NAME(add)(const gk_tile_product *p, float *x, size_t x_stride) {
  const tile_sink sink = {.out = x, .stride = x_stride};
  multiply(p, OP_ADD, &sink);
}

void GK_TILE_NAME(geglu)(const gk_tile_product *p, gk_bf16 *out, size_t out_stride) {
  const tile_sink sink = {.out = out, .stride = out_stride};
  multiply(p, OP_GEGLU, &sink);
}

void GK_TILE_NAME(heads)(const gk_tile_product *p, size_t first_panel, size_t first_tile,
                         const gk_tile_heads *heads) {
  const tile_sink sink = {.first_panel = first_panel, .first_tile = first_tile, .heads = heads};
  multiply(p, OP_HEADS, &sink);
}
