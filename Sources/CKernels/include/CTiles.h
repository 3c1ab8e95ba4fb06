// The C face of the tile kernels: bf16 and int8 products on 16 x 16 tile registers (AMX), with the work
// around each product done while its tiles are at hand, and attention over the layouts they leave.
//
// Contract, beyond CKernels.h:
// - Row tiles: rows come in whole tiles of 16. Every sequence begins on a row tile; rows behind its
//   last token, up to the tile's end, hold finite values that no other row depends on.
// - Operands are row-major with a stride in bytes that is a multiple of 64, and their rows are
//   whole 64-byte steps of k (32 bf16 or 64 int8), padded with zeros; base addresses are 64-byte aligned.
// - Panels: a weight of n columns is cut into panels of 32, each a left and a right tile of 16 columns,
//   k step by k step: [k_steps][left, right][16 groups][16 columns][64 / 16 bytes], a group being 2 bf16
//   or 4 int8 neighbours in k. What stands left and right is the packer's choice: dimension d and its
//   rotary partner, an input and its gate, or neighbours.
// - A result row depends on its own row of A, with a summation order fixed by the kernel.
#ifndef GLISS_CTILES_H
#define GLISS_CTILES_H

#include "CKernels.h"

enum {
  GK_TILE_ROWS = 16,
  GK_PANEL_COLUMNS = 32,
  GK_STEP_BYTES = 64,
  /// Bytes of one k step of a panel.
  GK_PANEL_STEP_BYTES = 2048,
  /// Keys per block of attention: key storage of a sequence begins on a multiple of it.
  GK_KEY_BLOCK = 32,
  /// Most columns of a head, padded.
  GK_WIDEST_HEAD = 256,
};

/// A bf16 number: the upper half of a float.
typedef uint16_t gk_bf16;

/// A block of rows times some panels.
typedef struct {
  const void *a;       // [16 * row_tiles] rows of k_steps * 64 bytes
  size_t a_stride;     // bytes
  size_t row_tiles;
  const void *panels;  // [panel_count][k_steps * 2048] bytes
  size_t panel_count;
  size_t k_steps;
  const float *bias;           // [panel_count][32], or null
  const float *column_scales;  // int8: [panel_count][32]; bf16: unused
  const float *row_scales;     // int8: [16 * row_tiles]; bf16: unused
  // k_steps * 2048 bytes that the caller multiplies by next, fetched meanwhile; or null. May lie outside any
  // memory: it is only asked for.
  const void *next;
} gk_tile_product;

/// Where queries, keys and values of a batch lie. `width` = head dimension padded to 32.
typedef struct {
  gk_bf16 *q;     // [heads][q_head_stride]: rows of `width`
  gk_bf16 *k;     // [heads][k_head_stride]: [key block][width / 32][left, right][16 pairs][16 keys][2]
  gk_bf16 *v;     // [heads][v_head_stride]: [width / 16][v_column_stride]: [key pair][16][2]
  size_t q_head_stride, k_head_stride, v_head_stride, v_column_stride; // bf16 elements
  size_t head_count;
  size_t width;
  const uint32_t *key_tiles;   // [row tiles]: index of the 16-key tile the rows go to
  const uint32_t *positions;   // [row tiles]: position of the tile's first row in its sequence
  const uint32_t *live_rows;   // [row tiles]: rows that hold tokens; values of the others become 0
  const float *cosines;        // [positions][width / 2], or null: nothing is rotated
  const float *sines;
  float q_scale;               // times every rotated query
} gk_tile_heads;

/// x[rows][32 * panel_count] += A B (+ bias).
typedef void (*gk_tile_add_fn)(const gk_tile_product *product, float *x, size_t x_stride);

/// out[rows][32 * panel_count] = bf16(gelu(A B (+ bias))), gelu within 1.5e-4 of the exact one.
typedef void (*gk_tile_gelu_fn)(const gk_tile_product *product, gk_bf16 *out, size_t out_stride);

/// out[rows][16 * panel_count] = bf16(gelu(left) * right), gelu within 1.5e-4 of the exact one.
typedef void (*gk_tile_geglu_fn)(const gk_tile_product *product, gk_bf16 *out, size_t out_stride);

/// Panels of queries, keys and values, `first_panel` on, of rows from row tile `first_tile` on: rotated if
/// there are angles, queries scaled, stored as attention reads them. Panel order: heads of q, of k, of v;
/// `width / 32` panels a head; q and k with rotary partners left and right, v in order.
typedef void (*gk_tile_heads_fn)(const gk_tile_product *product, size_t first_panel,
                                 size_t first_tile, const gk_tile_heads *heads);

/// One block of at most 32 queries of one head against the keys they see:
/// out = softmax(q k) v, rows of `width`. Scores count in steps of 1/128 of a power of 2: the caller scales q by
/// 128 log2 e / sqrt(dimension). Weights are rounded to bf16 with a relative error below 0.7% and summed
/// as rounded.
typedef struct {
  const gk_bf16 *q;      // the block's first row; [16 * query_tiles] rows of `width`
  const gk_bf16 *k;      // the sequence's first key block of this head
  const gk_bf16 *v;      // the sequence's first key pair of this head's first 16 columns
  size_t v_column_stride;
  size_t width;
  size_t query_tiles;    // 1 or 2
  size_t first_query;    // position of the first row in its sequence, a multiple of 32
  size_t length;         // tokens of the sequence
  size_t window;         // keys seen on each side, inclusive; at least `length` for all
  gk_bf16 *out;
  size_t out_stride;     // bf16 elements
} gk_tile_attention;
typedef void (*gk_tile_attention_fn)(const gk_tile_attention *block);

/// Layer normalisation of `rows` rows, as gk_layer_norm_f32, to an operand: bf16, or int8 with one scale
/// a row; to `normed` too, in f32, unless that is null. A null `weight` means no normalisation: the rows as
/// they are, which are not stored to `normed`. Columns from `count` on stay as they are.
typedef struct {
  const float *x;
  size_t x_stride;
  size_t rows;
  size_t count;
  const float *weight;
  const float *bias;
  float eps;
  float *normed;      // rows x_stride apart; may be x
  void *out;
  size_t out_stride;  // bytes
  float *scales;      // int8: [rows]
} gk_tile_rows;
typedef void (*gk_tile_rows_fn)(const gk_tile_rows *rows);

/// out[i] = int8 of x[i] / scale, scale = max |x| / 127; 0 for a row of zeros, NaN for a row that is not
/// finite. `count` is a multiple of 16.
typedef void (*gk_tile_quantize_fn)(const gk_bf16 *x, size_t x_stride, size_t rows, size_t count,
                                    int8_t *out, size_t out_stride, float *scales);

/// Packs one panel from 32 rows of a weight (`[outputs][k]`, left tile's first); a null row gives zeros.
void gk_tile_pack_bf16(const float *const *rows, size_t k, size_t k_steps, void *panel);
void gk_tile_pack_s8(const int8_t *const *rows, size_t k, size_t k_steps, void *panel);

/// The kernels of one operand type.
typedef struct {
  gk_tile_add_fn add;
  gk_tile_gelu_fn gelu;
  gk_tile_geglu_fn geglu;
  gk_tile_heads_fn heads;
  gk_tile_rows_fn norm;
} gk_tile_products;

/// The tile kernels of a set.
struct gk_tile_kernels {
  gk_tile_products bf16;
  gk_tile_products int8;
  gk_tile_quantize_fn quantize;
  gk_tile_attention_fn attention;
};

#endif
