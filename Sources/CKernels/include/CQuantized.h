// Int8 linear layers without tile units: the one quantisation rule and the exact integer product.
//
// The rule. A weight channel w: scale = max|w| / 127, q = rint(w / scale). An activation row x:
// scale = max|x| / 127, q = rint(x * (127 / max|x|)). Both lie in -127...127, halves go to even.
// A row or channel whose largest magnitude is below GK_S8_SMALLEST counts as zero: scale 0, all
// q 0 (127 / max|x| would overflow). A row that is not finite gets scale NaN and all q 0, so that
// every output of that row is NaN. The product: y = (float)sum(q_x q_w) * (row_scale *
// column_scale) + bias.
//
// Every set computes the same q, the same sums and the same y, bit for bit.
#ifndef GLISS_CQUANTIZED_H
#define GLISS_CQUANTIZED_H

#include <stddef.h>
#include <stdint.h>

/// Magnitudes below this quantise to zero.
#define GK_S8_SMALLEST 0x1p-100f

/// What quantising a row yields beside its bytes.
typedef struct {
  float scale;
  /// Sum of the bytes.
  int32_t sum;
} gk_row_s8;

/// Quantises `count` floats into `out` by the rule for activations, or by that for weights.
typedef gk_row_s8 (*gk_quantize_row_s8_fn)(const float *x, size_t count, int8_t *out);

/// C[rows x tile_columns] = A[rows x k] * B[k x tile_columns], exact for k <= 2^16.
/// A row-major with stride `lda` bytes; its rows are readable up to k rounded up to a multiple of
/// `depth`, whatever stands there. `sums`: the sum of each row of A. B is one packed panel, 64-byte
/// aligned, C row-major with stride tile_columns, 64-byte aligned. 1 <= rows <= tile_rows.
typedef void (*gk_gemm_s8_fn)(size_t rows, size_t k, const int8_t *a, size_t lda,
                              const int32_t *sums, const int8_t *b, int32_t *c);

/// out[i] = y, or with `add` out[i] += y; y = (float)product[i] * (row_scale * column_scales[i])
/// + bias[i]. `bias` may be null. Each operation is rounded by itself.
typedef void (*gk_dequantize_row_s8_fn)(const int32_t *product, size_t count, float row_scale,
                                        const float *column_scales, const float *bias, int add,
                                        float *out);

/// The int8 kernels of one machine, with their tile sizes and the layout of their panels.
typedef struct {
  uint32_t tile_rows;
  uint32_t tile_columns;
  /// Steps of k that stand side by side in a panel.
  uint32_t depth;
  /// Added to every weight in a panel: 128 for a machine that multiplies unsigned by signed bytes.
  uint32_t offset;
  gk_gemm_s8_fn gemm;
  gk_quantize_row_s8_fn quantize_row;
  gk_quantize_row_s8_fn quantize_channel;
  gk_dequantize_row_s8_fn dequantize_row;
} gk_s8_kernels;

/// Packs one panel: out[(s * tile_columns + j) * depth + d] = rows[j][s * depth + d] + offset; a
/// null row stands for zeros, and steps from k up to the next multiple of `depth` hold bytes 0, so
/// that whatever they are multiplied with adds nothing.
void gk_pack_panel_s8(const int8_t *const *rows, const gk_s8_kernels *kernels, size_t k,
                      int8_t *out);

#endif
