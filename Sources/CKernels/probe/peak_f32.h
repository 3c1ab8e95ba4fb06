// The machine's multiply-add rate over the vector vocabulary: independent chains in registers, enough
// of them to hide the latency, nothing read or written in the loop.

double GK_NAME(peak_f32)(size_t iterations) {
  enum { CHAINS = 12 };
  gk_vector sum[CHAINS];
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; i++) sum[i] = gk_set((float)i);
  gk_vector a = gk_set(0.999f), b = gk_set(0.001f);
  for (size_t n = 0; n < iterations; n++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) sum[i] = gk_fma(a, b, sum[i]);
    gk_keep(&a), gk_keep(&b); // the loop stays a loop
  }
  gk_vector total = gk_set(0.0f);
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; i++) total = gk_add(total, sum[i]);
  volatile float sink = gk_sum(total);
  (void)sink;
  return 2.0 * CHAINS * GK_LANES * (double)iterations;
}
