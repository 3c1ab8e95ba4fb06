// C[rows x columns] = A[rows x k] * B[k x columns] in int32 by vpmaddwd, which sums two products of
// 16-bit integers exactly: A and B are widened. vpmaddubsw on bytes would need |a| as the unsigned
// side and a sign put on every weight for every row, which costs more than the widening it saves.
// Include inside the machine's target, with words, sums and their operations defined (see
// gemm_s8_avx2.c). Registers: 2 * ROWS sums + 2 of B + 1 broadcast of A + 1 product.

enum { COLUMNS = 2 * SUMS, DEPTH = 2 };

// Steps of k whose part of A is widened at a time: ROWS x 256 words are 3 KB or 6 KB of stack.
enum { BLOCK = 256 };

GK_INLINE void widen(const size_t rows, size_t count, const int8_t *a, size_t lda, int16_t *out) {
  for (size_t r = 0; r < rows; r++) {
    const int8_t *row = a + r * lda;
    size_t i = 0;
    for (; i + COLUMNS <= count; i += COLUMNS)
      store_words(out + r * BLOCK + i, widened(row + i));
    for (; i < count; i++)
      out[r * BLOCK + i] = row[i];
    // The partner of an odd last step meets a weight of 0.
    if (count % DEPTH)
      out[r * BLOCK + count] = 0;
  }
}

GK_INLINE void tile(const size_t rows, size_t k, const int8_t *a, size_t lda, const int8_t *b,
                    int32_t *c) {
  _Alignas(64) int16_t words[ROWS * BLOCK];
  vector sum[ROWS][2];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
    sum[r][0] = sum[r][1] = zero();
  for (size_t start = 0; start < k; start += BLOCK) {
    const size_t count = k - start < BLOCK ? k - start : BLOCK;
    widen(rows, count, a + start, lda, words);
    for (size_t i = 0; i < count; i += DEPTH) {
      const int8_t *row = b + (start + i) * COLUMNS;
      const vector b0 = widened(row), b1 = widened(row + COLUMNS);
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++) {
        int32_t two;
        memcpy(&two, words + r * BLOCK + i, sizeof two);
        const vector value = broadcast(two);
        sum[r][0] = add(sum[r][0], dot(value, b0));
        sum[r][1] = add(sum[r][1], dot(value, b1));
      }
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    store_sums(c + r * COLUMNS, sum[r][0]);
    store_sums(c + r * COLUMNS + SUMS, sum[r][1]);
  }
}
