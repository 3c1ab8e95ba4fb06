// The terms that a call of relative_f32 has, as constants of the compiler. Define a function
// `add(has_row, has_rows, ...)` before; this names the kernel of `machine` that calls it.
#define GK_RELATIVE_F32(machine)                                                                   \
  void gk_relative_f32_##machine(const int32_t *bucket, int32_t first, size_t count,               \
                                 const float *row, const float *rows, size_t stride,               \
                                 float *scores) {                                                  \
    if (row && rows)                                                                               \
      add(1, 1, bucket, first, count, row, rows, stride, scores);                                  \
    else if (row)                                                                                  \
      add(1, 0, bucket, first, count, row, rows, stride, scores);                                  \
    else                                                                                           \
      add(0, 1, bucket, first, count, row, rows, stride, scores);                                  \
  }
