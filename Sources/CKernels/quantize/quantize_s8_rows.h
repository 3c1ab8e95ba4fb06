// Int8 quantisation and the way back over the vector vocabulary; rounds as quantize_s8_scalar.c
// does.

GK_INLINE gk_row_s8 gk_quantize(const float *x, size_t count, const int is_weight, int8_t *out) {
  const size_t whole = count - count % GK_LANES, rest = count - whole;

  gk_bits largest = gk_magnitude(gk_set(0.0f));
  for (size_t i = 0; i < whole; i += GK_LANES)
    largest = gk_max_bits(largest, gk_magnitude(gk_load(x + i)));
  if (rest)
    largest = gk_max_bits(largest, gk_magnitude(gk_load_part(x + whole, rest, 0.0f)));
  const gk_scale_s8 scale = gk_scale_of(gk_largest_bits(largest));
  if (!scale.is_usable) {
    memset(out, 0, count);
    return (gk_row_s8){scale.scale, 0};
  }

  const gk_vector factor = gk_set(is_weight ? scale.scale : scale.inverse);
  gk_bits sum = gk_magnitude(gk_set(0.0f));
  for (size_t i = 0; i < whole; i += GK_LANES) {
    const gk_vector v = gk_load(x + i);
    const gk_bits q = gk_nearest(is_weight ? gk_div(v, factor) : gk_mul(v, factor));
    gk_store_s8(out + i, q);
    sum = gk_add_bits(sum, q);
  }
  if (rest) {
    const gk_vector v = gk_load_part(x + whole, rest, 0.0f);
    const gk_bits q = gk_nearest(is_weight ? gk_div(v, factor) : gk_mul(v, factor));
    gk_store_s8_part(out + whole, rest, q);
    sum = gk_add_bits(sum, q);
  }
  return (gk_row_s8){scale.scale, gk_sum_bits(sum)};
}

gk_row_s8 GK_NAME(quantize_row_s8)(const float *x, size_t count, int8_t *out) {
  return gk_quantize(x, count, 0, out);
}

gk_row_s8 GK_NAME(quantize_channel_s8)(const float *x, size_t count, int8_t *out) {
  return gk_quantize(x, count, 1, out);
}

void GK_NAME(dequantize_row_s8)(const int32_t *product, size_t count, float row_scale,
                                const float *column_scales, const float *bias, int add,
                                float *out) {
  const gk_vector row = gk_set(row_scale);
  for (size_t i = 0; i < count; i += GK_LANES) {
    const size_t left = count - i;
    const int part = left < GK_LANES;
    const size_t lanes = part ? left : GK_LANES;
    const gk_vector sum = gk_load_s32_part(product + i, lanes);
    const gk_vector scale = gk_mul(row, gk_load_part(column_scales + i, lanes, 0.0f));
    gk_vector y = gk_mul(sum, scale);
    if (bias)
      y = gk_add(y, gk_load_part(bias + i, lanes, 0.0f));
    if (add)
      y = gk_add(gk_load_part(out + i, lanes, 0.0f), y);
    if (part)
      gk_store_part(out + i, left, y);
    else
      gk_store(out + i, y);
  }
}
