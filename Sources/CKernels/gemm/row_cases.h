// The rows of a tile as constants of the compiler: a switch body that calls `tile(n, ...)`, with n
// from 1 to the kernel's tile rows, so that each height is unrolled by itself. Use:
//   switch (rows) { GK_CASES_6(tile, k, a, b, c) }
#ifndef GLISS_ROW_CASES_H
#define GLISS_ROW_CASES_H

#define GK_CASE(n, tile, ...)                                                                      \
  case n:                                                                                          \
    tile(n, __VA_ARGS__);                                                                          \
    break;
#define GK_CASES_4(...)                                                                            \
  GK_CASE(1, __VA_ARGS__) GK_CASE(2, __VA_ARGS__) GK_CASE(3, __VA_ARGS__) GK_CASE(4, __VA_ARGS__)
#define GK_CASES_6(...)                                                                            \
  GK_CASES_4(__VA_ARGS__) GK_CASE(5, __VA_ARGS__) GK_CASE(6, __VA_ARGS__)
#define GK_CASES_8(...)                                                                            \
  GK_CASES_6(__VA_ARGS__) GK_CASE(7, __VA_ARGS__) GK_CASE(8, __VA_ARGS__)
#define GK_CASES_12(...)                                                                           \
  GK_CASES_8(__VA_ARGS__)                                                                          \
  GK_CASE(9, __VA_ARGS__) GK_CASE(10, __VA_ARGS__)                                                 \
  GK_CASE(11, __VA_ARGS__) GK_CASE(12, __VA_ARGS__)

#endif
