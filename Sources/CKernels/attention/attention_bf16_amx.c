// Attention of one head on AMX tiles: 32 queries against blocks of 32 keys, scores in f32, weights in bf16,
// values summed in f32. Local layers visit the blocks their window touches and no others.
//
// The softmax subtracts a reference instead of the running maximum: the largest score of the diagonal block,
// which every query sees. Weights stay in range as long as no score lies 120 powers of two above
// it; the sums tell, and then the block is done again with true maxima. So there is no pass over the scores for a
// maximum, and nothing already summed is ever rescaled.
// Source of the online form this departs from: Dao et al., "FlashAttention", 2022.
#if defined(__x86_64__)
#include "CTiles.h"
#pragma clang attribute push(                                                                      \
    __attribute__((target(                                                                         \
        "amx-tile,amx-bf16,avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx512vbmi"))),           \
    apply_to = function)
#include "../tile/tile_config.h"
#include "../vector/bf16_avx512.h"
#include "exp2_table.h"

enum {
  QUERIES = 32,
  CHUNK_BLOCKS = 16,            // key blocks whose weights wait for their values: 32 KB
  P_STRIDE = CHUNK_BLOCKS * GK_KEY_BLOCK + 32, // bf16; an odd number of cache lines
};

/// What one block of queries accumulates.
typedef struct {
  _Alignas(64) float scores[2][4 * 256];             // two key blocks' tiles, by turns
  _Alignas(64) gk_bf16 weights[QUERIES * P_STRIDE];  // one chunk
  _Alignas(64) float sums[QUERIES][16];
  _Alignas(64) float context[2 * GK_WIDEST_HEAD / 16][256]; // [row tile][column tile]
  float shift[QUERIES];                              // what is added to a row's scores
} attention_state;

/// First and one past the last key block that some query of the block sees.
typedef struct {
  size_t first, end;
} block_range;

GK_BF16_INLINE block_range visible_blocks(const gk_tile_attention *t) {
  const size_t lowest = t->first_query > t->window ? t->first_query - t->window : 0;
  size_t last = t->window >= t->length ? t->length : t->first_query + QUERIES - 1 + t->window;
  if (last > t->length - 1) last = t->length - 1;
  return (block_range){lowest / GK_KEY_BLOCK, last / GK_KEY_BLOCK + 1};
}

/// Rows of the block that are tokens: the others, behind the sequence's end, come out as zeros.
GK_BF16_INLINE size_t live_rows(const gk_tile_attention *t) {
  const size_t left = t->length - t->first_query, rows = t->query_tiles * 16;
  return left < rows ? left : rows;
}

/// Scores of key block `block`: 2 x 2 tiles.
GK_BF16_INLINE void score(const gk_tile_attention *t, size_t block, float *scores) {
  const size_t steps = t->width / 32, q_stride = t->width * 2;
  const char *k = (const char *)t->k + block * steps * GK_PANEL_STEP_BYTES;
  const char *q = (const char *)t->q;
  const int both = t->query_tiles > 1;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t step = 0; step < steps; step++) {
    _tile_loadd(6, k + step * GK_PANEL_STEP_BYTES, 64);
    _tile_loadd(4, q + step * 64, q_stride);
    _tile_loadd(7, k + step * GK_PANEL_STEP_BYTES + 1024, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if (both) {
      _tile_loadd(5, q + 16 * q_stride + step * 64, q_stride);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, scores, 64);
  _tile_stored(1, scores + 256, 64);
  if (both) {
    _tile_stored(2, scores + 512, 64);
    _tile_stored(3, scores + 768, 64);
  }
}

GK_BF16_INLINE const float *score_row(const float *scores, size_t r) {
  return scores + (r & 16) * 32 + (r & 15) * 16;
}

/// Bit j: whether the query at `position` sees key 32 block + j.
GK_BF16_INLINE uint32_t seen(const gk_tile_attention *t, size_t position, size_t block) {
  const size_t base = block * GK_KEY_BLOCK;
  const size_t lowest = position > t->window ? position - t->window : 0;
  size_t highest = t->window >= t->length ? t->length - 1 : position + t->window;
  if (highest > t->length - 1) highest = t->length - 1;
  if (highest < base || lowest > base + 31) return 0;
  const uint32_t below = highest - base >= 31 ? ~0u : (2u << (highest - base)) - 1;
  return lowest <= base ? below : below & (~0u << (lowest - base));
}

/// Whether every query sees every key of the block.
GK_BF16_INLINE int all_seen(const gk_tile_attention *t, size_t block) {
  const size_t base = block * GK_KEY_BLOCK, last = t->first_query + QUERIES - 1;
  if (base + 31 > t->length - 1) return 0;
  return t->window >= t->length ||
         (base + t->window >= last && base + 31 <= t->first_query + t->window);
}

/// weights = 2^(scores + shift) as bf16 in the order of the keys; sums grow by the rounded weights.
GK_BF16_INLINE void weigh(const gk_tile_attention *t, attention_state *state, size_t block,
                          size_t slot, const float *scores, const int masked) {
  const __m512i table_low = _mm512_load_si512(gk_exp2_shortfall);
  const __m512i table_high = _mm512_load_si512(gk_exp2_shortfall + 64);
  const __m512i zero = _mm512_setzero_si512();
  const __m512bh ones = (__m512bh)_mm512_set1_epi16(0x3f80);
  const size_t rows = t->query_tiles * 16;
  for (size_t r = 0; r < rows; r++) {
    const float *s = score_row(scores, r);
    const __m512 shift = _mm512_set1_ps(state->shift[r]);
    const __m512i left = _mm512_cvtps_epi32(_mm512_add_ps(_mm512_load_ps(s), shift));
    const __m512i right = _mm512_cvtps_epi32(_mm512_add_ps(_mm512_load_ps(s + 256), shift));
    const __m512i steps = _mm512_max_epi16(_mm512_packs_epi32(left, right), zero);
    const __m512i shortfall =
        _mm512_maskz_permutex2var_epi8(0x5555555555555555, table_low, steps, table_high);
    __m512i weights = _mm512_sub_epi16(steps, shortfall);
    if (masked)
      weights = _mm512_maskz_mov_epi16(seen(t, t->first_query + r, block), weights);
    _mm512_store_si512(state->weights + r * P_STRIDE + slot * GK_KEY_BLOCK, weights);
    _mm512_store_ps(state->sums[r], _mm512_dpbf16_ps(_mm512_load_ps(state->sums[r]),
                                                     (__m512bh)weights, ones));
  }
}

/// The reference of every row from the diagonal block: its largest score becomes weight 1.
GK_BF16_INLINE void set_references(const gk_tile_attention *t, attention_state *state,
                                   const float *scores) {
  for (size_t r = 0; r < t->query_tiles * 16; r++) {
    const float *s = score_row(scores, r);
    const __m512 largest = _mm512_max_ps(_mm512_load_ps(s), _mm512_load_ps(s + 256));
    state->shift[r] = (float)GK_SCORE_ONE - _mm512_reduce_max_ps(largest);
  }
}

/// context += weights * values of the chunk's key blocks, which are neighbours from `first` on.
GK_BF16_INLINE void gather_values(const gk_tile_attention *t, attention_state *state, size_t first,
                                  size_t count, int is_first) {
  const size_t column_tiles = t->width / 16;
  const int both = t->query_tiles > 1;
  for (size_t c = 0; c < column_tiles; c += 2) {
    float *upper = state->context[c], *lower = state->context[column_tiles + c];
    if (is_first) {
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
    } else {
      _tile_loadd(0, upper, 64);
      _tile_loadd(1, upper + 256, 64);
      if (both) {
        _tile_loadd(2, lower, 64);
        _tile_loadd(3, lower + 256, 64);
      }
    }
    const char *v = (const char *)(t->v + c * t->v_column_stride) + first * 1024;
    const char *v_next = v + t->v_column_stride * 2;
    const char *p = (const char *)state->weights;
    for (size_t i = 0; i < count; i++) {
      _tile_loadd(6, v, 64);
      _tile_loadd(4, p, P_STRIDE * 2);
      _tile_loadd(7, v_next, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      if (both) {
        _tile_loadd(5, p + 16 * P_STRIDE * 2, P_STRIDE * 2);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
      }
      v += 1024;
      v_next += 1024;
      p += 64;
    }
    _tile_stored(0, upper, 64);
    _tile_stored(1, upper + 256, 64);
    if (both) {
      _tile_stored(2, lower, 64);
      _tile_stored(3, lower + 256, 64);
    }
  }
}

/// Scores and weights of one chunk of key blocks, the diagonal one first where it is among them: it sets the
/// references unless they are known. While the tile unit scores a block, the vector unit weighs the one before.
GK_BF16_INLINE void weigh_chunk(const gk_tile_attention *t, attention_state *state, size_t first,
                                size_t count, size_t diagonal, int knows_references) {
  size_t order[CHUNK_BLOCKS];
  size_t n = 0;
  const int has_diagonal = diagonal >= first && diagonal < first + count;
  if (has_diagonal) order[n++] = diagonal;
  for (size_t block = first; block < first + count; block++)
    if (block != diagonal) order[n++] = block;
  score(t, order[0], state->scores[0]);
  if (has_diagonal && !knows_references) set_references(t, state, state->scores[0]);
  for (size_t i = 0; i < n; i++) {
    if (i + 1 < n) score(t, order[i + 1], state->scores[(i + 1) % 2]);
    const size_t block = order[i];
    if (all_seen(t, block))
      weigh(t, state, block, block - first, state->scores[i % 2], 0);
    else
      weigh(t, state, block, block - first, state->scores[i % 2], 1);
  }
}

GK_BF16_INLINE void attend(const gk_tile_attention *t, attention_state *state,
                           int knows_references) {
  const block_range range = visible_blocks(t);
  const size_t diagonal = t->first_query / GK_KEY_BLOCK;
  const size_t chunks = (range.end - range.first + CHUNK_BLOCKS - 1) / CHUNK_BLOCKS;
  const size_t home = (diagonal - range.first) / CHUNK_BLOCKS;
  for (size_t r = 0; r < t->query_tiles * 16; r++)
    _mm512_store_ps(state->sums[r], _mm512_setzero_ps());
  for (size_t i = 0; i < chunks; i++) {
    const size_t chunk = i == 0 ? home : i <= home ? i - 1 : i;
    const size_t first = range.first + chunk * CHUNK_BLOCKS;
    const size_t count = range.end - first < CHUNK_BLOCKS ? range.end - first : CHUNK_BLOCKS;
    weigh_chunk(t, state, first, count, diagonal, knows_references);
    gather_values(t, state, first, count, i == 0);
  }
}

/// True maxima over the keys seen, for the rare block whose reference was too far from them.
static __attribute__((noinline)) void find_references(const gk_tile_attention *t,
                                                      attention_state *state) {
  const __m512i lanes =
      _mm512_set_epi32(27, 26, 25, 24, 19, 18, 17, 16, 11, 10, 9, 8, 3, 2, 1, 0);
  float largest[QUERIES];
  const block_range range = visible_blocks(t);
  for (size_t r = 0; r < QUERIES; r++) largest[r] = -__builtin_inff();
  for (size_t block = range.first; block < range.end; block++) {
    score(t, block, state->scores[0]);
    for (size_t r = 0; r < t->query_tiles * 16; r++) {
      const float *s = score_row(state->scores[0], r);
      const __m512i mask = _mm512_set1_epi32((int)seen(t, t->first_query + r, block));
      const __m512i bit = _mm512_sllv_epi32(_mm512_set1_epi32(1), lanes);
      const __m512i next = _mm512_slli_epi32(bit, 4);
      const __m512 none = _mm512_set1_ps(-__builtin_inff());
      const __m512 left = _mm512_mask_loadu_ps(none, _mm512_test_epi32_mask(mask, bit), s);
      const __m512 right = _mm512_mask_loadu_ps(none, _mm512_test_epi32_mask(mask, next), s + 256);
      const float most = _mm512_reduce_max_ps(_mm512_max_ps(left, right));
      if (!(most <= largest[r])) largest[r] = most; // a NaN stays
    }
  }
  for (size_t r = 0; r < QUERIES; r++) state->shift[r] = (float)GK_SCORE_ONE - largest[r];
}

/// Sum of each token's weights into sums[r][0]; whether all are in range.
GK_BF16_INLINE int fold_sums(const gk_tile_attention *t, attention_state *state) {
  int in_range = 1;
  for (size_t r = 0; r < live_rows(t); r++) {
    const float sum = _mm512_reduce_add_ps(_mm512_load_ps(state->sums[r]));
    in_range &= sum > 0x1p-100f && sum < 0x1p120f;
    state->sums[r][0] = sum;
  }
  return in_range;
}

void gk_tile_attention_bf16_amx(const gk_tile_attention *t) {
  attention_state state;
  gk_tile_configure();
  attend(t, &state, 0);
  if (!fold_sums(t, &state)) {
    find_references(t, &state);
    attend(t, &state, 1);
    fold_sums(t, &state);
  }
  const size_t column_tiles = t->width / 16, live = live_rows(t);
  for (size_t r = 0; r < t->query_tiles * 16; r++) {
    // Rows behind the end are set to zero, not multiplied by it: nobody checked their weights.
    const __mmask16 kept = r < live ? 0xffff : 0;
    const __m512 factor = _mm512_set1_ps(1.0f / state.sums[r][0]);
    const float *row = state.context[(r / 16) * column_tiles] + (r % 16) * 16;
    for (size_t c = 0; c < column_tiles; c += 2)
      _mm512_storeu_si512(t->out + r * t->out_stride + c * 16,
                          gk_pair_to_bf16(
                              _mm512_maskz_mul_ps(kept, _mm512_load_ps(row + c * 256), factor),
                              _mm512_maskz_mul_ps(kept, _mm512_load_ps(row + c * 256 + 256), factor)));
  }
  _tile_release();
}

#pragma clang attribute pop
#endif
