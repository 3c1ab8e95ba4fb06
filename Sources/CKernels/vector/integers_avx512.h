// The integer part of the vector vocabulary, for quantisation. Include after avx512.h.

typedef __m512i gk_bits;

GK_INLINE gk_vector gk_div(gk_vector a, gk_vector b) { return _mm512_div_ps(a, b); }
/// The bits but the sign: ordered as the magnitudes are, NaN highest.
GK_INLINE gk_bits gk_magnitude(gk_vector v) {
  return _mm512_and_si512(_mm512_castps_si512(v), _mm512_set1_epi32(0x7fffffff));
}
GK_INLINE gk_bits gk_max_bits(gk_bits a, gk_bits b) { return _mm512_max_epu32(a, b); }
GK_INLINE uint32_t gk_largest_bits(gk_bits v) { return _mm512_reduce_max_epu32(v); }
/// The nearest integer, halves to even.
GK_INLINE gk_bits gk_nearest(gk_vector v) {
  return _mm512_cvt_roundps_epi32(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
GK_INLINE gk_bits gk_add_bits(gk_bits a, gk_bits b) { return _mm512_add_epi32(a, b); }
GK_INLINE int32_t gk_sum_bits(gk_bits v) { return _mm512_reduce_add_epi32(v); }
GK_INLINE void gk_store_s8(int8_t *p, gk_bits v) {
  _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(v));
}
GK_INLINE void gk_store_s8_part(int8_t *p, size_t count, gk_bits v) {
  _mm512_mask_cvtepi32_storeu_epi8(p, gk_first(count), v);
}
/// Integers as floats, rounded to nearest.
GK_INLINE gk_vector gk_load_s32_part(const int32_t *p, size_t count) {
  return _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(gk_first(count), p));
}
