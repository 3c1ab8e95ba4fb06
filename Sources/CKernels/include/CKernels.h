// The C face of the micro-kernels: one struct per kernel set, one list of sets (kernels.inc).
//
// Contract for every kernel, unless its own comment says otherwise:
// - no allocation, no threads, no globals; only the pointers it is given are touched;
// - inputs and outputs do not overlap unless the comment says "in place";
// - nothing is read or written past the stated extents: edges are masked, not padded by the caller;
// - a result element depends on its own row only, with a summation order fixed by the kernel set,
//   so a row's bits do not depend on the rows computed beside it.
#ifndef GLISS_CKERNELS_H
#define GLISS_CKERNELS_H

#include "CQuantized.h"
#include <stddef.h>
#include <stdint.h>

#include "CProbes.h"

/// Alignment, in bytes, of packed panels and workspace rows.
#define GK_ALIGNMENT 64

/// CPU features a kernel set may require. A bit is set only when the operating system saves the
/// registers it needs.
enum {
  GK_CPU_AVX2_FMA = 1 << 0,
  GK_CPU_AVX512 = 1 << 1,      // F, BW, DQ, VL
  GK_CPU_AVX512_VNNI = 1 << 2,
  GK_CPU_AVX512_BF16 = 1 << 3,
  GK_CPU_AMX_BF16 = 1 << 4,    // CPUID only; tile permission is asked for when a kernel needs it
  GK_CPU_AMX_INT8 = 1 << 5,
  GK_CPU_NEON = 1 << 6,        // every aarch64
  GK_CPU_DOTPROD = 1 << 7,     // SDOT and UDOT on NEON registers
  GK_CPU_AVX512_VBMI = 1 << 8,
};

/// Features of this machine: from CPUID and XGETBV, or from the kernel's HWCAP on aarch64.
uint32_t gk_cpu_features(void);

/// Asks the operating system for the AMX tile registers on behalf of the whole process. 0: granted.
/// Asking again is harmless.
int gk_request_tile_permission(void);

/// Processors this process may run on; 0 if the system does not say.
uint32_t gk_processor_count(void);

/// C[rows x columns] = A[rows x k] * B[k x columns]; with `accumulate`, C += A * B.
/// A row-major with stride `lda`. B is one packed panel: k rows of `tile_columns` floats, 64-byte
/// aligned. C row-major with stride `ldc`. 1 <= rows <= tile_rows, 1 <= columns <= tile_columns.
/// Each element is a chain of k multiply-adds in order of k, started at zero; an accumulating call
/// adds the finished chain to C.
typedef void (*gk_gemm_f32_fn)(size_t rows, size_t columns, size_t k, const float *a, size_t lda,
                               const float *b, float *c, size_t ldc, int accumulate);

/// out[i] = (x[i] - mean) / sqrt(variance + eps) * weight[i] + bias[i]; biased variance, two passes.
/// `bias` may be null. `out` may be `x`.
typedef void (*gk_layer_norm_f32_fn)(const float *x, const float *weight, const float *bias,
                                     float eps, size_t count, float *out);

/// One block of an online softmax, in place: scores[i] <- exp(scores[i] - newMax).
/// Updates the running maximum and sum; returns exp(oldMax - newMax), the factor for what was
/// accumulated before. -inf scores become exactly 0; a row of nothing but -inf stays at sum 0.
/// exp is within 2 ulp.
typedef float (*gk_softmax_block_f32_fn)(float *scores, size_t count, float *running_max,
                                         float *running_sum);

/// out[i] = gelu(input[i]) * gate[i], gelu(x) = x/2 * (1 + erf(x / sqrt 2)), erf within 1e-7.
/// A null `gate` means 1. `out` may be `input`.
typedef void (*gk_geglu_f32_fn)(const float *input, const float *gate, size_t count, float *out);

/// Rotary embedding of one head, in place, then times `scale`: with h = half,
/// x[i] <- x[i] cos[i] - x[i+h] sin[i];  x[i+h] <- x[i+h] cos[i] + x[i] sin[i].
typedef void (*gk_rope_f32_fn)(float *x, const float *cosine, const float *sine, size_t half,
                               float scale);

/// x[i] *= scale.
typedef void (*gk_scale_f32_fn)(float *x, float scale, size_t count);

/// Relative-position scores of one query against keys j < count, looked up by bucket:
/// scores[j] += row[b] + rows[j * stride + b], b = bucket[j] - first, the right side added first.
/// A null `row` or `rows` leaves its term out; not both are null. 16 * stride is below 2^31.
typedef void (*gk_relative_f32_fn)(const int32_t *bucket, int32_t first, size_t count,
                                   const float *row, const float *rows, size_t stride,
                                   float *scores);

/// Runs `iterations` rounds of the set's multiply-adds in registers and returns the floating-point
/// operations done: the measured peak a benchmark reports its share of.
typedef double (*gk_peak_f32_fn)(size_t iterations);

/// Kernels of a tile unit, bf16 and int8: CTiles.h.
typedef struct gk_tile_kernels gk_tile_kernels;

/// A row of the one list: kernels that belong together, with their tile sizes and needs.
typedef struct {
  const char *name;
  uint32_t required_features;
  uint32_t tile_rows;
  uint32_t tile_columns;
  gk_gemm_f32_fn gemm_f32;
  gk_layer_norm_f32_fn layer_norm_f32;
  gk_softmax_block_f32_fn softmax_block_f32;
  gk_geglu_f32_fn geglu_f32;
  gk_rope_f32_fn rope_f32;
  gk_scale_f32_fn scale_f32;
  gk_relative_f32_fn relative_f32;
  gk_peak_f32_fn peak_f32;
  const gk_s8_kernels *s8;
  /// Null: the set has no tile unit.
  const gk_tile_kernels *tiles;
} gk_kernel_set;

/// The sets compiled in, best first; index < gk_kernel_set_count().
size_t gk_kernel_set_count(void);
const gk_kernel_set *gk_kernel_set_at(size_t index);

/// Packs one panel: out[i * tile_columns + j] = rows[j][i] for i < k; a null row gives zeros.
void gk_pack_panel_f32(const float *const *rows, size_t tile_columns, size_t k, float *out);

/// out[i * ldo + j] = x[j * ldx + i] for j < rows, i < columns: rows become columns.
void gk_transpose_f32(const float *x, size_t ldx, size_t rows, size_t columns, float *out,
                      size_t ldo);

/// One step of a spin-wait loop.
static inline void gk_spin_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#include "CTiles.h"

#endif
