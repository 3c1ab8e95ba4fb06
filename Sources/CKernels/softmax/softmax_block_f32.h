// One block of an online softmax over the vector vocabulary.
// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018.

float GK_NAME(softmax_block_f32)(float *scores, size_t count, float *running_max,
                                 float *running_sum) {
  const size_t whole = count - count % GK_LANES, rest = count - whole;
  const float none = -__builtin_inff();

  gk_vector largest = gk_set(none);
  for (size_t i = 0; i < whole; i += GK_LANES) largest = gk_max(largest, gk_load(scores + i));
  if (rest) largest = gk_max(largest, gk_load_part(scores + whole, rest, none));
  const float block_max = gk_largest(largest);
  const float old_max = *running_max;
  const float new_max = block_max > old_max ? block_max : old_max;

  // Nothing but -inf so far: every weight is 0, and subtracting -inf would give NaN.
  const gk_vector shift = gk_set(new_max == none ? 0.0f : new_max);
  gk_vector sum = gk_set(0.0f);
  for (size_t i = 0; i < whole; i += GK_LANES) {
    const gk_vector e = gk_exp(gk_sub(gk_load(scores + i), shift));
    sum = gk_add(sum, e);
    gk_store(scores + i, e);
  }
  if (rest) {
    const gk_vector e = gk_exp(gk_sub(gk_load_part(scores + whole, rest, none), shift));
    sum = gk_add(sum, e);
    gk_store_part(scores + whole, rest, e);
  }

  float correction = 1.0f;
  if (old_max != new_max) {
    float one[GK_LANES];
    gk_store(one, gk_exp(gk_sub(gk_set(old_max), shift)));
    correction = one[0];
  }
  *running_max = new_max;
  *running_sum = *running_sum * correction + gk_sum(sum);
  return correction;
}
