// The vector vocabulary of the row kernels (norm, softmax, geglu, rope), 16 lanes of AVX-512.
// Include inside `#pragma clang attribute push(target("avx512f,avx512dq"))`.
#include <immintrin.h>

#define GK_NAME(operation) gk_##operation##_avx512
#define GK_INLINE static inline __attribute__((always_inline, unused))

typedef __m512 gk_vector;
typedef __mmask16 gk_mask;
enum { GK_LANES = 16 };

GK_INLINE gk_mask gk_first(size_t count) { return (gk_mask)((1u << count) - 1); }
GK_INLINE gk_vector gk_load(const float *p) { return _mm512_loadu_ps(p); }
GK_INLINE gk_vector gk_load_part(const float *p, size_t count, float fill) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), gk_first(count), p);
}
GK_INLINE void gk_store(float *p, gk_vector v) { _mm512_storeu_ps(p, v); }
GK_INLINE void gk_store_part(float *p, size_t count, gk_vector v) {
  _mm512_mask_storeu_ps(p, gk_first(count), v);
}
GK_INLINE gk_vector gk_set(float x) { return _mm512_set1_ps(x); }
GK_INLINE gk_vector gk_add(gk_vector a, gk_vector b) { return _mm512_add_ps(a, b); }
GK_INLINE gk_vector gk_sub(gk_vector a, gk_vector b) { return _mm512_sub_ps(a, b); }
GK_INLINE gk_vector gk_mul(gk_vector a, gk_vector b) { return _mm512_mul_ps(a, b); }
GK_INLINE gk_vector gk_max(gk_vector a, gk_vector b) { return _mm512_max_ps(a, b); }
GK_INLINE gk_vector gk_min(gk_vector a, gk_vector b) { return _mm512_min_ps(a, b); }
/// a * b + c
GK_INLINE gk_vector gk_fma(gk_vector a, gk_vector b, gk_vector c) {
  return _mm512_fmadd_ps(a, b, c);
}
GK_INLINE gk_vector gk_round(gk_vector v) {
  return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
/// v * 2^n, n integral in -126...127
GK_INLINE gk_vector gk_scale_by_power(gk_vector v, gk_vector n) { return _mm512_scalef_ps(v, n); }
GK_INLINE gk_vector gk_abs(gk_vector v) { return _mm512_abs_ps(v); }
GK_INLINE gk_vector gk_copy_sign(gk_vector magnitude, gk_vector sign) {
  const __m512i bit = _mm512_set1_epi32((int)0x80000000);
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
      bit, _mm512_castps_si512(sign), _mm512_castps_si512(magnitude), 0xca));
}
/// a < b ? x : y
GK_INLINE gk_vector gk_select_less(gk_vector a, gk_vector b, gk_vector x, gk_vector y) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x);
}
GK_INLINE float gk_sum(gk_vector v) { return _mm512_reduce_add_ps(v); }
GK_INLINE float gk_largest(gk_vector v) { return _mm512_reduce_max_ps(v); }
/// Makes the compiler forget what it knows of the value.
GK_INLINE void gk_keep(gk_vector *v) { __asm__ volatile("" : "+v"(*v)); }
