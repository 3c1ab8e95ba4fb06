// gelu(input) * gate over the vector vocabulary, the exact (erf) GELU.

GK_INLINE gk_vector gk_gelu(gk_vector x) {
  const gk_vector half = gk_mul(x, gk_set(0.5f));
  return gk_fma(half, gk_erf(gk_mul(x, gk_set(0.70710678f))), half);
}

void GK_NAME(geglu_f32)(const float *input, const float *gate, size_t count, float *out) {
  for (size_t i = 0; i < count; i += GK_LANES) {
    const size_t left = count - i;
    const int part = left < GK_LANES;
    gk_vector value = gk_gelu(part ? gk_load_part(input + i, left, 0.0f) : gk_load(input + i));
    if (gate)
      value = gk_mul(value, part ? gk_load_part(gate + i, left, 0.0f) : gk_load(gate + i));
    if (part)
      gk_store_part(out + i, left, value);
    else
      gk_store(out + i, value);
  }
}
