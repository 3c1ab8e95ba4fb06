// Rotary embedding of one head over the vector vocabulary, the two halves rotated against each other.
// Source: Su et al., "RoFormer", 2021, in the half-split form of GPT-NeoX. Below it, the row scale
// the online softmax needs.

void GK_NAME(rope_f32)(float *x, const float *cosine, const float *sine, size_t half, float scale) {
  const gk_vector factor = gk_set(scale);
  for (size_t i = 0; i < half; i += GK_LANES) {
    const size_t left = half - i;
    const int part = left < GK_LANES;
    const gk_vector a = part ? gk_load_part(x + i, left, 0.0f) : gk_load(x + i);
    const gk_vector b = part ? gk_load_part(x + half + i, left, 0.0f) : gk_load(x + half + i);
    const gk_vector c = part ? gk_load_part(cosine + i, left, 0.0f) : gk_load(cosine + i);
    const gk_vector s = part ? gk_load_part(sine + i, left, 0.0f) : gk_load(sine + i);
    const gk_vector low = gk_mul(gk_sub(gk_mul(a, c), gk_mul(b, s)), factor);
    const gk_vector high = gk_mul(gk_fma(b, c, gk_mul(a, s)), factor);
    if (part) {
      gk_store_part(x + i, left, low);
      gk_store_part(x + half + i, left, high);
    } else {
      gk_store(x + i, low);
      gk_store(x + half + i, high);
    }
  }
}

void GK_NAME(scale_f32)(float *x, float scale, size_t count) {
  size_t i = 0;
  for (; i + GK_LANES <= count; i += GK_LANES)
    gk_store(x + i, gk_mul(gk_load(x + i), gk_set(scale)));
  for (; i < count; i++) x[i] *= scale;
}
