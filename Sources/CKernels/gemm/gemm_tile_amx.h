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

typedef enum { OP_ADD, OP_GELU, OP_GEGLU, OP_HEADS } tile_op;

/// What an epilogue writes to.
typedef struct {
  void *out; // OP_ADD: float; OP_GELU, OP_GEGLU: gk_bf16
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

GK_BF16_INLINE void gelu_row(tile_row row, gk_bf16 *out) {
  _mm512_storeu_si512(out, gk_pair_to_bf16(gk_gelu_bf16(row.left), gk_gelu_bf16(row.right)));
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

/// Asks for what the epilogue of a block at (row, panel) will read and write, a few rows at a time: it
/// has left the near caches since the last product.
GK_BF16_INLINE void fetch_rows(const tile_sink *sink, size_t row, size_t panel, size_t count) {
  const float *x = (const float *)sink->out + row * sink->stride + panel * 32;
  for (size_t i = 0; i < count; i++, x += sink->stride) {
    __builtin_prefetch(x, 1, 3);
    __builtin_prefetch(x + 16, 1, 3);
  }
}

/// What a block of queries, keys or values is, and where it goes.
typedef struct {
  enum { QUERIES, KEYS, VALUES } kind;
  gk_bf16 *out;   // of the head; queries: its columns, values: its first column tile
  size_t inside;  // panel within the head
} heads_place;

GK_BF16_INLINE heads_place find_place(const tile_sink *sink, size_t block_panel) {
  const gk_tile_heads *h = sink->heads;
  const size_t per_head = h->width / 32, panel = sink->first_panel + block_panel;
  const size_t part = panel / per_head, inside = panel % per_head;
  if (part < h->head_count)
    return (heads_place){QUERIES, h->q + part * h->q_head_stride + inside * 32, inside};
  if (part < 2 * h->head_count)
    return (heads_place){KEYS, h->k + (part - h->head_count) * h->k_head_stride, inside};
  return (heads_place){VALUES,
                       h->v + (part - 2 * h->head_count) * h->v_head_stride +
                           2 * inside * h->v_column_stride,
                       inside};
}

/// Rows r and r + 1 of q, k or v; r is even. `held` keeps the rows that a key tile waits for.
GK_BF16_INLINE void heads_rows(const gk_tile_product *p, const tile_block *block,
                               const heads_place *place, size_t r, const tile_sink *sink,
                               __m512i held[16]) {
  const gk_tile_heads *h = sink->heads;
  const size_t tile = sink->first_tile + (block->row + r) / 16, in_tile = r % 16;
  const tile_row row = load_row(p, block, r), next = load_row(p, block, r + 1);
  if (place->kind == VALUES) {
    const size_t live = h->live_rows[tile];
    const __m512 zero = _mm512_setzero_ps();
    const __m512i left = gk_pair_to_bf16(in_tile < live ? row.left : zero,
                                         in_tile + 1 < live ? next.left : zero);
    const __m512i right = gk_pair_to_bf16(in_tile < live ? row.right : zero,
                                          in_tile + 1 < live ? next.right : zero);
    const __m512i interleave = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
        3, 18, 2, 17, 1, 16, 0);
    gk_bf16 *v = place->out + (h->key_tiles[tile] * 8 + in_tile / 2) * 32;
    _mm512_store_si512(v, _mm512_permutexvar_epi16(interleave, left));
    _mm512_store_si512(v + h->v_column_stride, _mm512_permutexvar_epi16(interleave, right));
    return;
  }
  const __m512 scale = _mm512_set1_ps(place->kind == QUERIES ? h->q_scale : 1.0f);
  __m512i first, second;
  if (h->cosines) {
    const size_t half = h->width / 2;
    const size_t angle = (h->positions[tile] + in_tile) * half + place->inside * 16;
    const float *cosines = h->cosines + angle, *sines = h->sines + angle;
    first = rotated(row, cosines, sines, scale);
    second = rotated(next, cosines + half, sines + half, scale);
  } else {
    first = gk_pair_to_bf16(_mm512_mul_ps(row.left, scale), _mm512_mul_ps(row.right, scale));
    second = gk_pair_to_bf16(_mm512_mul_ps(next.left, scale), _mm512_mul_ps(next.right, scale));
  }
  if (place->kind == QUERIES) {
    gk_bf16 *q = place->out + (tile * 16 + in_tile) * h->width;
    _mm512_store_si512(q, first);
    _mm512_store_si512(q + h->width, second);
    return;
  }
  held[in_tile] = first;
  held[in_tile + 1] = second;
  if (in_tile == 14) {
    const size_t at = h->key_tiles[tile];
    store_keys(held, place->out + (at / 2 * (h->width / 32) + place->inside) * 1024, at % 2);
  }
}

/// The epilogue of rows r and r + 1.
GK_BF16_INLINE void finish_rows(const tile_op op, const gk_tile_product *p, const tile_block *block,
                                const heads_place *place, size_t r, const tile_sink *sink,
                                __m512i held[16]) {
  const size_t row = block->row + r;
  if (op == OP_ADD) {
    float *x = (float *)sink->out + row * sink->stride + block->panel * 32;
    add_row(load_row(p, block, r), x);
    add_row(load_row(p, block, r + 1), x + sink->stride);
  } else if (op == OP_GELU) {
    gk_bf16 *out = (gk_bf16 *)sink->out + row * sink->stride + block->panel * 32;
    gelu_row(load_row(p, block, r), out);
    gelu_row(load_row(p, block, r + 1), out + sink->stride);
  } else if (op == OP_GEGLU) {
    gk_bf16 *out = (gk_bf16 *)sink->out + row * sink->stride + block->panel * 16;
    geglu_row(load_row(p, block, r), out);
    geglu_row(load_row(p, block, r + 1), out + sink->stride);
  } else {
    heads_rows(p, block, place, r, sink, held);
  }
}

/// Where the operands of a block stand.
typedef struct {
  const char *a, *a_low, *b, *next;
  size_t a_stride;
} tile_cursor;

/// One step of k: 2 x 2 products, or 1 x 2.
GK_BF16_INLINE void step(tile_cursor *at, const int both) {
  _tile_loadd(6, at->b, 64);
  _tile_stream_loadd(4, at->a, at->a_stride);
  _tile_loadd(7, at->b + 1024, 64);
  GK_DOT(0, 4, 6);
  GK_DOT(1, 4, 7);
  if (both) {
    _tile_stream_loadd(5, at->a_low, at->a_stride);
    GK_DOT(2, 5, 6);
    GK_DOT(3, 5, 7);
    at->a_low += 64;
  }
  at->a += 64;
  at->b += GK_PANEL_STEP_BYTES;
}

GK_BF16_INLINE void multiply(const gk_tile_product *p, const tile_op op, const tile_sink *sink) {
  _Alignas(64) float scratch[2][1024];
  __m512i held[16];
  tile_block waiting = {.rows = 0};
  heads_place place = {.out = 0};
  int side = 0;
  const size_t k_steps = p->k_steps;
  // Pairs of rows of the waiting block finished per k step, so that all are done within the next block.
  const size_t share = (16 + k_steps - 1) / k_steps;
  const size_t panel_bytes = k_steps * GK_PANEL_STEP_BYTES;
  const size_t blocks = (p->row_tiles + 1) / 2;
  // Lines of the next panel fetched per k step: from its start to its end, a stream that the
  // second-level cache's own prefetcher joins.
  const size_t ahead = (32 + blocks - 1) / blocks;
  gk_tile_configure();
  for (size_t panel = 0; panel < p->panel_count; panel++) {
    const char *b = (const char *)p->panels + panel * panel_bytes;
    const void *after = panel + 1 < p->panel_count ? b + panel_bytes : p->next;
    const char *following = after ? after : b;
    const size_t lines = after ? ahead : 0;
    for (size_t tile = 0; tile < p->row_tiles; tile += 2) {
      const int both = p->row_tiles - tile >= 2;
      tile_cursor at = {.a = (const char *)p->a + tile * 16 * p->a_stride, .b = b,
                        .a_stride = p->a_stride};
      at.a_low = at.a + 16 * at.a_stride;
      const char *next = following + tile / 2 * k_steps * ahead * 64;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      size_t done = 0;
      for (size_t k = 0; k < k_steps; k++) {
        if (both)
          step(&at, 1);
        else
          step(&at, 0);
        for (size_t line = 0; line < lines; line++) _mm_prefetch(next + line * 64, _MM_HINT_T1);
        next += ahead * 64;
        if (op == OP_ADD && k * 2 * share < 32)
          fetch_rows(sink, tile * 16 + k * 2 * share, panel, 2 * share);
        for (size_t i = 0; i < share && done < waiting.rows; i++, done += 2)
          finish_rows(op, p, &waiting, &place, done, sink, held);
      }
      float *products = scratch[side];
      _tile_stored(0, products, 64);
      _tile_stored(1, products + 256, 64);
      if (both) {
        _tile_stored(2, products + 512, 64);
        _tile_stored(3, products + 768, 64);
      }
      waiting = (tile_block){products, tile * 16, both ? 32 : 16, panel};
      if (op == OP_HEADS) place = find_place(sink, panel);
      side ^= 1;
    }
  }
  for (size_t r = 0; r < waiting.rows; r += 2)
    finish_rows(op, p, &waiting, &place, r, sink, held);
  _tile_release();
}

void GK_TILE_NAME(add)(const gk_tile_product *p, float *x, size_t x_stride) {
  const tile_sink sink = {.out = x, .stride = x_stride};
  multiply(p, OP_ADD, &sink);
}

void GK_TILE_NAME(gelu)(const gk_tile_product *p, gk_bf16 *out, size_t out_stride) {
  const tile_sink sink = {.out = out, .stride = out_stride};
  multiply(p, OP_GELU, &sink);
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
