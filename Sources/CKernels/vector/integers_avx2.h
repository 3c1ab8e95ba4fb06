// The integer part of the vector vocabulary, for quantisation. Include after avx2.h.

typedef __m256i gk_bits;

GK_INLINE gk_vector gk_div(gk_vector a, gk_vector b) { return _mm256_div_ps(a, b); }
/// The bits but the sign: ordered as the magnitudes are, NaN highest.
GK_INLINE gk_bits gk_magnitude(gk_vector v) {
  return _mm256_and_si256(_mm256_castps_si256(v), _mm256_set1_epi32(0x7fffffff));
}
GK_INLINE gk_bits gk_max_bits(gk_bits a, gk_bits b) { return _mm256_max_epu32(a, b); }
GK_INLINE uint32_t gk_largest_bits(gk_bits v) {
  __m128i m = _mm_max_epu32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  m = _mm_max_epu32(m, _mm_shuffle_epi32(m, _MM_SHUFFLE(1, 0, 3, 2)));
  m = _mm_max_epu32(m, _mm_shuffle_epi32(m, _MM_SHUFFLE(2, 3, 0, 1)));
  return (uint32_t)_mm_cvtsi128_si32(m);
}
/// The nearest integer, halves to even.
GK_INLINE gk_bits gk_nearest(gk_vector v) { return _mm256_cvtps_epi32(gk_round(v)); }
GK_INLINE gk_bits gk_add_bits(gk_bits a, gk_bits b) { return _mm256_add_epi32(a, b); }
GK_INLINE int32_t gk_sum_bits(gk_bits v) {
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(1, 0, 3, 2)));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(2, 3, 0, 1)));
  return _mm_cvtsi128_si32(s);
}
/// The low bytes of the 8 lanes.
GK_INLINE __m128i gk_bytes(gk_bits v) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return _mm_packs_epi16(words, words);
}
GK_INLINE void gk_store_s8(int8_t *p, gk_bits v) { _mm_storel_epi64((__m128i *)p, gk_bytes(v)); }
GK_INLINE void gk_store_s8_part(int8_t *p, size_t count, gk_bits v) {
  int8_t bytes[16];
  _mm_storeu_si128((__m128i *)bytes, gk_bytes(v));
  for (size_t i = 0; i < count; i++)
    p[i] = bytes[i];
}
/// Integers as floats, rounded to nearest.
GK_INLINE gk_vector gk_load_s32_part(const int32_t *p, size_t count) {
  return _mm256_cvtepi32_ps(_mm256_maskload_epi32(p, gk_first(count)));
}
