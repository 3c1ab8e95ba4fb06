// Expands the list of kernel sets into declarations and a table.
#include "CKernels.h"
#include "gemm/gemm_s8.h"

#define GK_SET(set, features, machine, rows, columns, s8_table, tile_table)                        \
  void gk_gemm_f32_##machine(size_t, size_t, size_t, const float *, size_t, const float *,         \
                             float *, size_t, int);                                                \
  void gk_layer_norm_f32_##machine(const float *, const float *, const float *, float, size_t,     \
                                   float *);                                                       \
  float gk_softmax_block_f32_##machine(float *, size_t, float *, float *);                         \
  void gk_geglu_f32_##machine(const float *, const float *, size_t, float *);                      \
  void gk_rope_f32_##machine(float *, const float *, const float *, size_t, float);                \
  void gk_scale_f32_##machine(float *, float, size_t);                                             \
  void gk_relative_f32_##machine(const int32_t *, int32_t, size_t, const float *, const float *,   \
                                 size_t, float *);                                                 \
  double gk_peak_f32_##machine(size_t);
#include "kernels.inc"
#undef GK_SET

#if defined(__x86_64__)
#define GK_TILES(type, machine)                                                                    \
  void gk_tile_add_##type##_##machine(const gk_tile_product *, float *, size_t);                   \
  void gk_tile_gelu_##type##_##machine(const gk_tile_product *, gk_bf16 *, size_t);                \
  void gk_tile_geglu_##type##_##machine(const gk_tile_product *, gk_bf16 *, size_t);               \
  void gk_tile_heads_##type##_##machine(const gk_tile_product *, size_t, size_t,                   \
                                        const gk_tile_heads *);
GK_TILES(bf16, amx)
GK_TILES(s8, amx)
#undef GK_TILES
void gk_tile_norm_bf16_avx512(const gk_tile_rows *);
void gk_tile_norm_s8_avx512(const gk_tile_rows *);
void gk_tile_quantize_avx512(const gk_bf16 *, size_t, size_t, size_t, int8_t *, size_t, float *);
void gk_tile_attention_bf16_amx(const gk_tile_attention *);

static const gk_tile_kernels tiles_amx = {
    .bf16 = {gk_tile_add_bf16_amx, gk_tile_gelu_bf16_amx, gk_tile_geglu_bf16_amx,
             gk_tile_heads_bf16_amx, gk_tile_norm_bf16_avx512},
    .int8 = {gk_tile_add_s8_amx, gk_tile_gelu_s8_amx, gk_tile_geglu_s8_amx, gk_tile_heads_s8_amx,
             gk_tile_norm_s8_avx512},
    .quantize = gk_tile_quantize_avx512,
    .attention = gk_tile_attention_bf16_amx,
};
#endif

static const gk_kernel_set kernel_sets[] = {
#define GK_SET(set, features, machine, rows, columns, s8_table, tile_table)                        \
  {                                                                                                \
      .name = #set,                                                                                \
      .required_features = (features),                                                             \
      .tile_rows = (rows),                                                                         \
      .tile_columns = (columns),                                                                   \
      .gemm_f32 = gk_gemm_f32_##machine,                                                           \
      .layer_norm_f32 = gk_layer_norm_f32_##machine,                                               \
      .softmax_block_f32 = gk_softmax_block_f32_##machine,                                         \
      .geglu_f32 = gk_geglu_f32_##machine,                                                         \
      .rope_f32 = gk_rope_f32_##machine,                                                           \
      .scale_f32 = gk_scale_f32_##machine,                                                         \
      .relative_f32 = gk_relative_f32_##machine,                                                   \
      .peak_f32 = gk_peak_f32_##machine,                                                           \
      .s8 = (s8_table),                                                                            \
      .tiles = (tile_table),                                                                       \
  },
#include "kernels.inc"
#undef GK_SET
};

size_t gk_kernel_set_count(void) { return sizeof kernel_sets / sizeof kernel_sets[0]; }

const gk_kernel_set *gk_kernel_set_at(size_t index) { return &kernel_sets[index]; }
