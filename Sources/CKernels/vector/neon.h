// The vector vocabulary of the row kernels (norm, softmax, geglu, rope), 8 lanes of NEON: two
// registers side by side. Two, because one chain of additions per sum would wait for itself, and
// because 8 lanes folded as in avx2.h make the row kernels of both machines the same bits.
#include <arm_neon.h>

#define GK_NAME(operation) gk_##operation##_neon
#define GK_INLINE static inline __attribute__((always_inline, unused))

typedef struct {
  float32x4_t low, high;
} gk_vector;
enum { GK_LANES = 8 };

GK_INLINE gk_vector gk_pair(float32x4_t low, float32x4_t high) {
  return (gk_vector){.low = low, .high = high};
}
GK_INLINE gk_vector gk_load(const float *p) { return gk_pair(vld1q_f32(p), vld1q_f32(p + 4)); }
GK_INLINE void gk_store(float *p, gk_vector v) {
  vst1q_f32(p, v.low);
  vst1q_f32(p + 4, v.high);
}
/// NEON has no masked memory access: parts of a register go through a buffer, float by float.
GK_INLINE float32x4_t gk_load_four(const float *p, size_t count, float fill) {
  if (count >= 4) return vld1q_f32(p);
  float lanes[4];
  for (size_t i = 0; i < 4; i++) lanes[i] = i < count ? p[i] : fill;
  return vld1q_f32(lanes);
}
GK_INLINE gk_vector gk_load_part(const float *p, size_t count, float fill) {
  if (count <= 4) return gk_pair(gk_load_four(p, count, fill), vdupq_n_f32(fill));
  return gk_pair(vld1q_f32(p), gk_load_four(p + 4, count - 4, fill));
}
GK_INLINE void gk_store_four(float *p, size_t count, float32x4_t v) {
  if (count >= 4) {
    vst1q_f32(p, v);
    return;
  }
  float lanes[4];
  vst1q_f32(lanes, v);
  for (size_t i = 0; i < count; i++) p[i] = lanes[i];
}
GK_INLINE void gk_store_part(float *p, size_t count, gk_vector v) {
  gk_store_four(p, count, v.low);
  if (count > 4) gk_store_four(p + 4, count - 4, v.high);
}
GK_INLINE gk_vector gk_set(float x) { return gk_pair(vdupq_n_f32(x), vdupq_n_f32(x)); }
GK_INLINE gk_vector gk_add(gk_vector a, gk_vector b) {
  return gk_pair(vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high));
}
GK_INLINE gk_vector gk_sub(gk_vector a, gk_vector b) {
  return gk_pair(vsubq_f32(a.low, b.low), vsubq_f32(a.high, b.high));
}
GK_INLINE gk_vector gk_mul(gk_vector a, gk_vector b) {
  return gk_pair(vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high));
}
/// NaN in either operand gives NaN.
GK_INLINE gk_vector gk_max(gk_vector a, gk_vector b) {
  return gk_pair(vmaxq_f32(a.low, b.low), vmaxq_f32(a.high, b.high));
}
GK_INLINE gk_vector gk_min(gk_vector a, gk_vector b) {
  return gk_pair(vminq_f32(a.low, b.low), vminq_f32(a.high, b.high));
}
/// a * b + c
GK_INLINE gk_vector gk_fma(gk_vector a, gk_vector b, gk_vector c) {
  return gk_pair(vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high));
}
GK_INLINE gk_vector gk_round(gk_vector v) { return gk_pair(vrndnq_f32(v.low), vrndnq_f32(v.high)); }
GK_INLINE float32x4_t gk_power(float32x4_t n) {
  const int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
  return vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
}
/// v * 2^n, n integral in -126...127
GK_INLINE gk_vector gk_scale_by_power(gk_vector v, gk_vector n) {
  return gk_pair(vmulq_f32(v.low, gk_power(n.low)), vmulq_f32(v.high, gk_power(n.high)));
}
GK_INLINE gk_vector gk_abs(gk_vector v) { return gk_pair(vabsq_f32(v.low), vabsq_f32(v.high)); }
GK_INLINE gk_vector gk_copy_sign(gk_vector magnitude, gk_vector sign) {
  const uint32x4_t bit = vdupq_n_u32(0x80000000u);
  return gk_pair(vbslq_f32(bit, sign.low, magnitude.low),
                 vbslq_f32(bit, sign.high, magnitude.high));
}
/// a < b ? x : y
GK_INLINE gk_vector gk_select_less(gk_vector a, gk_vector b, gk_vector x, gk_vector y) {
  return gk_pair(vbslq_f32(vcltq_f32(a.low, b.low), x.low, y.low),
                 vbslq_f32(vcltq_f32(a.high, b.high), x.high, y.high));
}
GK_INLINE float gk_sum(gk_vector v) {
  const float32x4_t four = vaddq_f32(v.low, v.high);
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}
GK_INLINE float gk_largest(gk_vector v) { return vmaxvq_f32(vmaxq_f32(v.low, v.high)); }
/// Makes the compiler forget what it knows of the value.
GK_INLINE void gk_keep(gk_vector *v) { __asm__ volatile("" : "+w"(v->low), "+w"(v->high)); }
