// What the checks of the tile kernels share: bf16, random products, where keys and values lie.
// The reference is here, not in the list: plain loops over the layouts that CTiles.h describes.
#ifndef GLISS_TILE_CHECK_H
#define GLISS_TILE_CHECK_H

#include "CTiles.h"
#include "check.h"

/// Unit roundoff of bf16: 8 bits of significand.
static const double bf16_unit = 0x1p-8;

gk_bf16 to_bf16(float value);
float from_bf16(gk_bf16 value);

/// The products of a set with tiles.
const gk_tile_products *products_of(const gk_kernel_set *set, bool is_int8);

/// A product with its operands decoded.
typedef struct {
  bool is_int8;
  size_t rows, columns, k;
  gk_tile_product product;
  const float *a;      // [rows][k], the values the operand holds
  const float *weight; // [columns][k], in the panels' order
} tile_case;

/// Random operands in guarded memory: `k` of `k_steps` whole steps is used, the rest is zero.
tile_case make_tile_case(bool is_int8, size_t row_tiles, size_t panel_count, size_t k_steps,
                         size_t k, bool has_bias);

/// One element of the product (bias and scales included) and how far off a kernel may be.
typedef struct {
  double value, bound;
} exact_value;
exact_value exact_product(const tile_case *t, size_t row, size_t column);

/// The same product of `count` row tiles from `first` on.
gk_tile_product row_tiles_of(const tile_case *t, size_t first, size_t count);

/// Element of a head's keys: key `key` of its storage, dimension slot `slot` of `width`.
size_t key_index(size_t width, size_t key, size_t slot);
/// Element of a head's values.
size_t value_index(size_t v_column_stride, size_t key, size_t column);

void check_tile_pack(const gk_kernel_set *set);
void check_tile_products(const gk_kernel_set *set);
void check_tile_heads(const gk_kernel_set *set);
void check_tile_rows(const gk_kernel_set *set);
void check_tile_attention(const gk_kernel_set *set);

#endif
