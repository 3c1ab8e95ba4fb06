// The integer part of the vector vocabulary, for quantisation. Include after neon.h.

typedef struct {
  uint32x4_t low, high;
} gk_bits;

GK_INLINE gk_bits gk_pair_bits(uint32x4_t low, uint32x4_t high) {
  return (gk_bits){.low = low, .high = high};
}
GK_INLINE gk_vector gk_div(gk_vector a, gk_vector b) {
  return gk_pair(vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high));
}
/// The bits but the sign: ordered as the magnitudes are, NaN highest.
GK_INLINE gk_bits gk_magnitude(gk_vector v) {
  const uint32x4_t mask = vdupq_n_u32(0x7fffffff);
  return gk_pair_bits(vandq_u32(vreinterpretq_u32_f32(v.low), mask),
                      vandq_u32(vreinterpretq_u32_f32(v.high), mask));
}
GK_INLINE gk_bits gk_max_bits(gk_bits a, gk_bits b) {
  return gk_pair_bits(vmaxq_u32(a.low, b.low), vmaxq_u32(a.high, b.high));
}
GK_INLINE uint32_t gk_largest_bits(gk_bits v) { return vmaxvq_u32(vmaxq_u32(v.low, v.high)); }
/// The nearest integer, halves to even.
GK_INLINE gk_bits gk_nearest(gk_vector v) {
  return gk_pair_bits(vreinterpretq_u32_s32(vcvtnq_s32_f32(v.low)),
                      vreinterpretq_u32_s32(vcvtnq_s32_f32(v.high)));
}
GK_INLINE gk_bits gk_add_bits(gk_bits a, gk_bits b) {
  return gk_pair_bits(vaddq_u32(a.low, b.low), vaddq_u32(a.high, b.high));
}
GK_INLINE int32_t gk_sum_bits(gk_bits v) { return (int32_t)vaddvq_u32(vaddq_u32(v.low, v.high)); }
/// The low bytes of the 8 lanes.
GK_INLINE void gk_store_s8(int8_t *p, gk_bits v) {
  const int16x8_t words = vcombine_s16(vmovn_s32(vreinterpretq_s32_u32(v.low)),
                                       vmovn_s32(vreinterpretq_s32_u32(v.high)));
  vst1_s8(p, vmovn_s16(words));
}
GK_INLINE void gk_store_s8_part(int8_t *p, size_t count, gk_bits v) {
  int8_t bytes[8];
  gk_store_s8(bytes, v);
  for (size_t i = 0; i < count; i++) p[i] = bytes[i];
}
/// Integers as floats, rounded to nearest.
GK_INLINE gk_vector gk_load_s32_part(const int32_t *p, size_t count) {
  int32_t lanes[GK_LANES] = {0};
  if (count < GK_LANES)
    for (size_t i = 0; i < count; i++) lanes[i] = p[i];
  const int32_t *from = count < GK_LANES ? lanes : p;
  return gk_pair(vcvtq_f32_s32(vld1q_s32(from)), vcvtq_f32_s32(vld1q_s32(from + 4)));
}
