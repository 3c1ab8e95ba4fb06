// Layer normalisation over the vector vocabulary: mean, then squared differences, then the row.
// Sums run in GK_LANES interleaved chains, folded once: the order is fixed by the kernel set.

void GK_NAME(layer_norm_f32)(const float *x, const float *weight, const float *bias, float eps,
                             size_t count, float *out) {
  const size_t whole = count - count % GK_LANES, rest = count - whole;

  gk_vector sum = gk_set(0.0f);
  for (size_t i = 0; i < whole; i += GK_LANES) sum = gk_add(sum, gk_load(x + i));
  if (rest) sum = gk_add(sum, gk_load_part(x + whole, rest, 0.0f));
  const float mean = gk_sum(sum) / (float)count;

  gk_vector squares = gk_set(0.0f);
  for (size_t i = 0; i < whole; i += GK_LANES) {
    const gk_vector d = gk_sub(gk_load(x + i), gk_set(mean));
    squares = gk_fma(d, d, squares);
  }
  if (rest) {
    const gk_vector d = gk_sub(gk_load_part(x + whole, rest, mean), gk_set(mean));
    squares = gk_fma(d, d, squares);
  }
  const float scale = 1.0f / __builtin_sqrtf(gk_sum(squares) / (float)count + eps);

  for (size_t i = 0; i < count; i += GK_LANES) {
    const size_t left = count - i;
    const int part = left < GK_LANES;
    const gk_vector value = part ? gk_load_part(x + i, left, 0.0f) : gk_load(x + i);
    const gk_vector w = part ? gk_load_part(weight + i, left, 0.0f) : gk_load(weight + i);
    gk_vector result = gk_mul(gk_mul(gk_sub(value, gk_set(mean)), gk_set(scale)), w);
    if (bias)
      result = gk_add(result, part ? gk_load_part(bias + i, left, 0.0f) : gk_load(bias + i));
    if (part)
      gk_store_part(out + i, left, result);
    else
      gk_store(out + i, result);
  }
}
