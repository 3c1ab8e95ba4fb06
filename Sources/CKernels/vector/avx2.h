// The vector vocabulary of the row kernels (norm, softmax, geglu, rope), 8 lanes of AVX2 + FMA.
// Include inside `#pragma clang attribute push(target("avx2,fma"))`.
#include <immintrin.h>

#define GK_NAME(operation) gk_##operation##_avx2
#define GK_INLINE static inline __attribute__((always_inline, unused))

typedef __m256 gk_vector;
enum { GK_LANES = 8 };

GK_INLINE __m256i gk_first(size_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}
GK_INLINE gk_vector gk_load(const float *p) { return _mm256_loadu_ps(p); }
GK_INLINE gk_vector gk_load_part(const float *p, size_t count, float fill) {
  const __m256i mask = gk_first(count);
  return _mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, mask),
                          _mm256_castsi256_ps(mask));
}
GK_INLINE void gk_store(float *p, gk_vector v) { _mm256_storeu_ps(p, v); }
GK_INLINE void gk_store_part(float *p, size_t count, gk_vector v) {
  _mm256_maskstore_ps(p, gk_first(count), v);
}
GK_INLINE gk_vector gk_set(float x) { return _mm256_set1_ps(x); }
GK_INLINE gk_vector gk_add(gk_vector a, gk_vector b) { return _mm256_add_ps(a, b); }
GK_INLINE gk_vector gk_sub(gk_vector a, gk_vector b) { return _mm256_sub_ps(a, b); }
GK_INLINE gk_vector gk_mul(gk_vector a, gk_vector b) { return _mm256_mul_ps(a, b); }
GK_INLINE gk_vector gk_max(gk_vector a, gk_vector b) { return _mm256_max_ps(a, b); }
GK_INLINE gk_vector gk_min(gk_vector a, gk_vector b) { return _mm256_min_ps(a, b); }
/// a * b + c
GK_INLINE gk_vector gk_fma(gk_vector a, gk_vector b, gk_vector c) {
  return _mm256_fmadd_ps(a, b, c);
}
GK_INLINE gk_vector gk_round(gk_vector v) {
  return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// v * 2^n, n integral in -126...127
GK_INLINE gk_vector gk_scale_by_power(gk_vector v, gk_vector n) {
  const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
  return _mm256_mul_ps(v, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
}
GK_INLINE gk_vector gk_abs(gk_vector v) {
  return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
}
GK_INLINE gk_vector gk_copy_sign(gk_vector magnitude, gk_vector sign) {
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(bit, magnitude), _mm256_and_ps(bit, sign));
}
/// a < b ? x : y
GK_INLINE gk_vector gk_select_less(gk_vector a, gk_vector b, gk_vector x, gk_vector y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
GK_INLINE float gk_sum(gk_vector v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}
GK_INLINE float gk_largest(gk_vector v) {
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}
/// Makes the compiler forget what it knows of the value.
GK_INLINE void gk_keep(gk_vector *v) { __asm__ volatile("" : "+v"(*v)); }
