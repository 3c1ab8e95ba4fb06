// bf16 and the epilogues' vocabulary, 16 lanes of AVX-512 with the BF16 conversions.
// Include inside `#pragma clang attribute push(target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16"))`.
#include <immintrin.h>

#define GK_BF16_INLINE static inline __attribute__((always_inline, unused))

/// 16 floats to bf16, nearest even.
GK_BF16_INLINE __m256i gk_to_bf16(__m512 v) { return (__m256i)_mm512_cvtneps_pbh(v); }

/// low[0...15], high[0...15] as bf16.
GK_BF16_INLINE __m512i gk_pair_to_bf16(__m512 low, __m512 high) {
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

/// 16 bf16 to floats.
GK_BF16_INLINE __m512 gk_from_bf16(__m256i v) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(v), 16));
}

/// gelu(x) = x (1/2 + t P(t^2)), t = x clamped to -4...4; within 1.4e-4 of the exact GELU. Our own
/// weighted least-squares fit iterated towards minimax, held at 1/2 for t = 4.
GK_BF16_INLINE __m512 gk_gelu_bf16(__m512 x) {
  const __m512 t = _mm512_min_ps(_mm512_set1_ps(4.0f), _mm512_max_ps(_mm512_set1_ps(-4.0f), x));
  const __m512 s = _mm512_mul_ps(t, t);
  __m512 p = _mm512_set1_ps(-4.392876618020125e-10f);
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(5.0610388768745906e-08f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-2.312160404471797e-06f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(5.74281693843659e-05f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-0.0008830208098515868f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(0.009040620177984238f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-0.06506567448377609f));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(0.398187518119812f));
  return _mm512_mul_ps(x, _mm512_fmadd_ps(t, p, _mm512_set1_ps(0.5f)));
}
