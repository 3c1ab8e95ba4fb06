// Layer normalisation into tile operands: f32 rows in, bf16 or int8 rows out, the normalised rows beside them
// where a pass goes on with those. The arithmetic before the last rounding is that of layer_norm_f32.h.
#if defined(__x86_64__)
#include "CTiles.h"
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16"))), apply_to = function)
#include "../vector/avx512.h"
#include "../vector/bf16_avx512.h"
#include "../quantize/quantize_s8.h"

/// Mean and 1 / sqrt(variance + eps) of a row; a row without weight passes unchanged.
typedef struct {
  __m512 mean, scale;
} moments;

GK_BF16_INLINE moments row_moments(const float *x, const gk_tile_rows *t) {
  if (!t->weight) return (moments){_mm512_setzero_ps(), _mm512_set1_ps(1.0f)};
  const size_t count = t->count, whole = count & ~(size_t)31;
  __m512 even = _mm512_setzero_ps(), odd = _mm512_setzero_ps();
  size_t i = 0;
  for (; i < whole; i += 32) {
    even = _mm512_add_ps(even, gk_load(x + i));
    odd = _mm512_add_ps(odd, gk_load(x + i + 16));
  }
  for (; i < count; i += 16)
    even = _mm512_add_ps(even, gk_load_part(x + i, count - i < 16 ? count - i : 16, 0));
  const float mean = _mm512_reduce_add_ps(_mm512_add_ps(even, odd)) / (float)count;
  const __m512 means = _mm512_set1_ps(mean);
  even = odd = _mm512_setzero_ps();
  for (i = 0; i < whole; i += 32) {
    const __m512 d = _mm512_sub_ps(gk_load(x + i), means);
    const __m512 e = _mm512_sub_ps(gk_load(x + i + 16), means);
    even = _mm512_fmadd_ps(d, d, even);
    odd = _mm512_fmadd_ps(e, e, odd);
  }
  for (; i < count; i += 16) {
    const size_t part = count - i < 16 ? count - i : 16;
    const __m512 d = _mm512_sub_ps(gk_load_part(x + i, part, mean), means);
    even = _mm512_fmadd_ps(d, d, even);
  }
  const float variance = _mm512_reduce_add_ps(_mm512_add_ps(even, odd)) / (float)count;
  return (moments){means, _mm512_set1_ps(1.0f / __builtin_sqrtf(variance + t->eps))};
}

/// Columns i ... i + part of the normalised row.
GK_BF16_INLINE __m512 normalized(const float *x, const gk_tile_rows *t, moments m, size_t i,
                                 size_t part) {
  const __m512 value = part == 16 ? gk_load(x + i) : gk_load_part(x + i, part, 0);
  if (!t->weight) return value;
  const __m512 centred = _mm512_mul_ps(_mm512_sub_ps(value, m.mean), m.scale);
  const __m512 weight = part == 16 ? gk_load(t->weight + i) : gk_load_part(t->weight + i, part, 0);
  const __m512 result = _mm512_mul_ps(centred, weight);
  if (!t->bias) return result;
  return _mm512_add_ps(result,
                       part == 16 ? gk_load(t->bias + i) : gk_load_part(t->bias + i, part, 0));
}

/// Where row r goes in f32; null: nowhere.
GK_BF16_INLINE float *normed_row(const gk_tile_rows *t, size_t r) {
  return t->normed && t->weight ? t->normed + r * t->x_stride : 0;
}

/// Columns i ... i + part of the normalised row, stored at `normed` unless it is null.
GK_BF16_INLINE __m512 stored(const float *x, const gk_tile_rows *t, moments m, size_t i, size_t part,
                             float *normed) {
  const __m512 value = normalized(x, t, m, i, part);
  if (normed) gk_store_part(normed + i, part, value);
  return value;
}

void gk_tile_norm_bf16_avx512(const gk_tile_rows *t) {
  for (size_t r = 0; r < t->rows; r++) {
    const float *x = t->x + r * t->x_stride;
    float *normed = normed_row(t, r);
    gk_bf16 *out = (gk_bf16 *)((char *)t->out + r * t->out_stride);
    const moments m = row_moments(x, t);
    size_t i = 0;
    for (; i + 16 <= t->count; i += 16)
      _mm256_storeu_si256((__m256i *)(out + i), gk_to_bf16(stored(x, t, m, i, 16, normed)));
    if (i < t->count)
      _mm256_mask_storeu_epi16(out + i, gk_first(t->count - i),
                               gk_to_bf16(stored(x, t, m, i, t->count - i, normed)));
  }
}

/// What `stored` gave: read back, since x may be overwritten, or computed once more.
GK_BF16_INLINE __m512 again(const float *x, const gk_tile_rows *t, moments m, size_t i, size_t part,
                            const float *normed) {
  return normed ? gk_load_part(normed + i, part, 0) : normalized(x, t, m, i, part);
}

/// Stores the scale of a row by its largest magnitude, and gives what its values are multiplied by.
GK_BF16_INLINE __m512 quantizer(uint32_t largest_magnitude, float *scale) {
  const gk_scale_s8 rule = gk_scale_of(largest_magnitude);
  *scale = rule.scale;
  return _mm512_set1_ps(rule.inverse);
}

GK_BF16_INLINE __m128i quantized(__m512 v, __m512 factor) {
  return _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(_mm512_mul_ps(v, factor)));
}

/// Magnitudes are compared as integers: infinity is above all numbers, NaN above infinity.
GK_BF16_INLINE __m512i grown(__m512i largest, __m512 v) {
  const __m512i magnitude = _mm512_and_si512(_mm512_castps_si512(v), _mm512_set1_epi32(0x7fffffff));
  return _mm512_max_epu32(largest, magnitude);
}

void gk_tile_norm_s8_avx512(const gk_tile_rows *t) {
  const size_t whole = t->count & ~(size_t)15, rest = t->count - whole;
  for (size_t r = 0; r < t->rows; r++) {
    const float *x = t->x + r * t->x_stride;
    float *normed = normed_row(t, r);
    int8_t *out = (int8_t *)t->out + r * t->out_stride;
    const moments m = row_moments(x, t);
    __m512i largest = _mm512_setzero_si512();
    for (size_t i = 0; i < whole; i += 16) largest = grown(largest, stored(x, t, m, i, 16, normed));
    if (rest) largest = grown(largest, stored(x, t, m, whole, rest, normed));
    const __m512 factor = quantizer(_mm512_reduce_max_epu32(largest), t->scales + r);
    for (size_t i = 0; i < whole; i += 16)
      _mm_storeu_si128((__m128i *)(out + i), quantized(again(x, t, m, i, 16, normed), factor));
    if (rest)
      _mm_mask_storeu_epi8(out + whole, gk_first(rest),
                           quantized(again(x, t, m, whole, rest, normed), factor));
  }
}

void gk_tile_quantize_avx512(const gk_bf16 *x, size_t x_stride, size_t rows, size_t count,
                             int8_t *out, size_t out_stride, float *scales) {
  const __m256i sign = _mm256_set1_epi16(0x7fff);
  for (size_t r = 0; r < rows; r++, x += x_stride, out += out_stride) {
    __m256i largest = _mm256_setzero_si256();
    for (size_t i = 0; i < count; i += 16) {
      const __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
      largest = _mm256_max_epu16(largest, _mm256_and_si256(v, sign));
    }
    const uint32_t bits = _mm512_reduce_max_epu32(_mm512_cvtepu16_epi32(largest));
    const __m512 factor = quantizer(bits << 16, scales + r);
    for (size_t i = 0; i < count; i += 16)
      _mm_storeu_si128((__m128i *)(out + i),
                       quantized(gk_from_bf16(_mm256_loadu_si256((const __m256i *)(x + i))), factor));
  }
}

#pragma clang attribute pop
#endif
