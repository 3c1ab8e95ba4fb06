// The rate of an int8 product in vector registers: twelve chains of int32 sums, nothing read or written
// in the loop. Include inside `#pragma clang attribute push` with GK_NAME, gk_integers, GK_LANES (products
// of a step) and gk_multiply_add(sum, a, b) defined.

double GK_NAME(size_t iterations) {
  enum { CHAINS = 12 };
  gk_integers sum[CHAINS];
#pragma clang loop unroll(full)
  for (int i = 0; i < CHAINS; i++) sum[i] = gk_set((char)i);
  gk_integers a = gk_set(3), b = gk_set(-2);
  for (size_t n = 0; n < iterations; n++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) {
      sum[i] = gk_multiply_add(sum[i], a, b);
      __asm__ volatile("" : "+v"(a), "+v"(b)); // every product is computed
    }
  }
  gk_integers total = sum[0];
#pragma clang loop unroll(full)
  for (int i = 1; i < CHAINS; i++) total ^= sum[i];
  volatile gk_integers sink = total;
  (void)sink;
  return 2.0 * CHAINS * GK_LANES * (double)iterations;
}
