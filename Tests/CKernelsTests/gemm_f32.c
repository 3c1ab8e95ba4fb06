// The f32 GEMM micro-kernel and its packing.
// Against the scalar reference within (k + 2) eps sum|a||b|: both sides round every product or sum
// once or twice, each rounding at most eps / 2 of a partial sum. Fused sets must also be, bit for
// bit, the chain of fused multiply-adds their contract promises.
#include "check.h"

typedef struct {
  size_t rows, columns, k, lda, ldc;
  bool accumulate;
} product;

static bool is_fused(const gk_kernel_set *set) { return set != reference(); }

/// A[rows x lda], its gaps hidden.
static float *make_rows(size_t rows, size_t columns, size_t stride, float range) {
  const size_t count = rows == 0 ? 0 : (rows - 1) * stride + columns;
  float *values = guarded_floats(count, sizeof(float), random_side());
  for (size_t r = 0; r < rows; r++) {
    fill(values + r * stride, columns, -range, range);
    if (r + 1 < rows) hide(values + r * stride + columns, (stride - columns) * sizeof(float));
  }
  return values;
}

/// A panel whose unused columns hold NaN: they are read, and must not matter.
static float *make_panel(size_t k, size_t width, size_t columns) {
  float *panel = guarded_floats(k * width, GK_ALIGNMENT, random_side());
  for (size_t i = 0; i < k * width; i++)
    panel[i] = i % width < columns ? random_between(-1, 1) : NAN;
  return panel;
}

/// One element by the contract's words: a chain of multiply-adds, started at zero.
static float chain(const product *p, const float *a, const float *panel, size_t width, size_t r,
                   size_t j, float old, bool fused) {
  volatile float sum = 0; // volatile: the compiler may not fuse what is meant unfused
  for (size_t i = 0; i < p->k; i++) {
    const float x = a[r * p->lda + i], y = panel[i * width + j];
    if (fused) {
      sum = fmaf(x, y, sum);
    } else {
      volatile float term = x * y;
      sum = sum + term;
    }
  }
  return p->accumulate ? old + sum : sum;
}

/// The same product by the scalar kernel, through its own panels.
static void multiply_by_reference(const product *p, const float *a, const float *panel,
                                  size_t width, float *c) {
  const gk_kernel_set *scalar = reference();
  const size_t own = scalar->tile_columns;
  float *narrow = guarded_floats(p->k * own, GK_ALIGNMENT, AT_END);
  for (size_t first = 0; first < p->columns; first += own) {
    for (size_t i = 0; i < p->k * own; i++) {
      const size_t column = first + i % own;
      narrow[i] = column < p->columns ? panel[i / own * width + column] : 0;
    }
    const size_t columns = p->columns - first < own ? p->columns - first : own;
    for (size_t r = 0; r < p->rows; r += scalar->tile_rows) {
      const size_t rows = p->rows - r < scalar->tile_rows ? p->rows - r : scalar->tile_rows;
      scalar->gemm_f32(rows, columns, p->k, a + r * p->lda, p->lda, narrow,
                       c + r * p->columns + first, p->columns, p->accumulate);
    }
  }
}

static void check_product(const gk_kernel_set *set, const product *p) {
  begin_case("%s gemm_f32 rows %zu columns %zu k %zu lda %zu ldc %zu%s", set->name, p->rows,
             p->columns, p->k, p->lda, p->ldc, p->accumulate ? " accumulating" : "");
  const size_t width = set->tile_columns;
  float *a = make_rows(p->rows, p->k, p->lda, 2);
  float *panel = make_panel(p->k, width, p->columns);
  float *c = make_rows(p->rows, p->columns, p->ldc, 3);
  float *expected = guarded_floats(p->rows * p->columns, sizeof(float), AT_END);
  float *row_alone = guarded_floats(p->columns, sizeof(float), AT_END);
  float *old = guarded_floats(p->rows * p->columns, sizeof(float), AT_END);
  for (size_t r = 0; r < p->rows; r++)
    memcpy(old + r * p->columns, c + r * p->ldc, p->columns * sizeof(float));
  memcpy(expected, old, p->rows * p->columns * sizeof(float));
  multiply_by_reference(p, a, panel, width, expected);

  set->gemm_f32(p->rows, p->columns, p->k, a, p->lda, panel, c, p->ldc, p->accumulate);
  for (size_t r = 0; r < p->rows; r++) {
    for (size_t j = 0; j < p->columns; j++) {
      const size_t index = r * p->columns + j;
      double magnitude = p->accumulate ? fabs(old[index]) : 0;
      for (size_t i = 0; i < p->k; i++)
        magnitude += fabs((double)a[r * p->lda + i] * (double)panel[i * width + j]);
      const float value = c[r * p->ldc + j];
      expect_within(value, expected[index], (double)(p->k + 2) * FLT_EPSILON * magnitude, "c",
                    index);
      const float exact = chain(p, a, panel, width, r, j, old[index], is_fused(set));
      expect_same_bits(&value, &exact, 1, "c by the chain");
    }
    memcpy(row_alone, old + r * p->columns, p->columns * sizeof(float));
    set->gemm_f32(1, p->columns, p->k, a + r * p->lda, p->lda, panel, row_alone, p->columns,
                  p->accumulate);
    expect_same_bits(c + r * p->ldc, row_alone, p->columns, "c with its rows alone");
  }
  end_case();
}

void check_gemm_f32(const gk_kernel_set *set) {
  static const size_t depths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 67};
  for (size_t rows = 1; rows <= set->tile_rows; rows++) {
    for (size_t columns = 1; columns <= set->tile_columns; columns++) {
      const size_t to_edge = set->tile_columns - columns;
      if (quick && columns > 2 && to_edge > 1 && columns != set->tile_columns / 2) continue;
      for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
        if (quick && d % 3 != rows % 3) continue;
        const size_t k = depths[d];
        const product p = {
            rows, columns, k, k + random_below(4), columns + random_below(4), random_below(2) == 0};
        check_product(set, &p);
      }
    }
  }
  for (size_t i = 0; i < (quick ? 20 : 400); i++) {
    const size_t k = random_below(quick ? 200 : 1200);
    const size_t columns = 1 + random_below(set->tile_columns);
    const product p = {1 + random_below(set->tile_rows),
                       columns,
                       k,
                       k + random_below(70),
                       columns + random_below(70),
                       random_below(2) == 0};
    check_product(set, &p);
  }
}

void check_pack_panel(const gk_kernel_set *set) {
  static const size_t depths[] = {0, 1, 3, 15, 16, 17, 33, 768};
  enum { MAX_COLUMNS = 64 };
  const size_t width = set->tile_columns;
  if (width > MAX_COLUMNS) fail("tile_columns is %zu, the check holds %d", width, MAX_COLUMNS);
  for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
    const size_t k = depths[d];
    begin_case("%s pack_panel_f32 k %zu", set->name, k);
    const float *rows[MAX_COLUMNS] = {0};
    for (size_t j = 0; j < width; j++) {
      if (random_below(5) == 0) continue;
      float *row = guarded_floats(k, sizeof(float), random_side());
      fill(row, k, -1, 1);
      rows[j] = row;
    }
    float *panel = guarded_floats(k * width, GK_ALIGNMENT, random_side());
    gk_pack_panel_f32(rows, width, k, panel);
    const float zero = 0;
    for (size_t i = 0; i < k * width; i++) {
      const float *row = rows[i % width];
      expect_same_bits(&panel[i], row ? &row[i / width] : &zero, 1, "panel");
    }
    end_case();
  }
}

static void check_one_transpose(size_t rows, size_t columns) {
  begin_case("transpose_f32 %zu x %zu", rows, columns);
  const size_t ldx = columns + random_below(4), ldo = rows + random_below(4);
  float *x = guarded_floats(rows * ldx - (ldx - columns), sizeof(float), random_side());
  float *out = guarded_floats(columns * ldo - (ldo - rows), sizeof(float), random_side());
  for (size_t j = 0; j < rows; j++) {
    fill(x + j * ldx, columns, -1, 1);
    if (j + 1 < rows) hide(x + j * ldx + columns, (ldx - columns) * sizeof(float));
  }
  for (size_t i = 0; i + 1 < columns; i++)
    hide(out + i * ldo + rows, (ldo - rows) * sizeof(float));
  gk_transpose_f32(x, ldx, rows, columns, out, ldo);
  for (size_t i = 0; i < columns; i++)
    for (size_t j = 0; j < rows; j++)
      expect_same_bits(&out[i * ldo + j], &x[j * ldx + i], 1, "out");
  end_case();
}

void check_transpose(const gk_kernel_set *set) {
  (void)set;
  for (size_t rows = 1; rows <= 17; rows++)
    for (size_t columns = 1; columns <= 70; columns += columns < 9 ? 1 : 15)
      check_one_transpose(rows, columns);
}

void digest_gemm_f32(const gk_kernel_set *set) {
  enum { ROWS = 29, COLUMNS = 70, DEPTH = 131, PADDED = 128 };
  static float a[ROWS * DEPTH], weight[COLUMNS * DEPTH], c[ROWS * COLUMNS];
  static _Alignas(GK_ALIGNMENT) float panel[PADDED * DEPTH];
  fill(a, ROWS * DEPTH, -1, 1);
  fill(weight, COLUMNS * DEPTH, -1, 1);
  const size_t width = set->tile_columns;
  for (size_t first = 0; first < COLUMNS; first += width) {
    const float *rows[PADDED] = {0};
    const size_t columns = COLUMNS - first < width ? COLUMNS - first : width;
    for (size_t j = 0; j < columns; j++) rows[j] = weight + (first + j) * DEPTH;
    gk_pack_panel_f32(rows, width, DEPTH, panel);
    for (size_t r = 0; r < ROWS; r += set->tile_rows) {
      const size_t count = ROWS - r < set->tile_rows ? ROWS - r : set->tile_rows;
      set->gemm_f32(count, columns, DEPTH, a + r * DEPTH, DEPTH, panel, c + r * COLUMNS + first,
                    COLUMNS, 0);
    }
  }
  digest_add(c, sizeof c);
}
