// The kernel check: every kernel set of the list against the scalar reference, in plain C, so that
// it runs where Swift does not: under sanitizers, under valgrind, on emulated machines.
// tools/kernels/check builds and runs it everywhere it can.
#ifndef GLISS_KERNEL_CHECK_H
#define GLISS_KERNEL_CHECK_H

#include "CKernels.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// memory.c: memory between two unreadable pages. What is not data is filled with 0xff (NaN, if it
// is read as floats), and unreadable to AddressSanitizer and valgrind as well.

/// Which unreadable page the data touches.
typedef enum { AT_START, AT_END } guard_side;

/// Uninitialised memory of `bytes`; with AT_END the last byte is the last one readable, unless
/// `alignment` forbids.
void *guarded(size_t bytes, size_t alignment, guard_side side);
float *guarded_floats(size_t count, size_t alignment, guard_side side);
/// Bytes inside a guarded block that a kernel must neither read nor write.
void hide(void *start, size_t bytes);
/// Opens the hidden bytes, checks that no byte around or hidden inside any block has changed, and
/// frees all blocks.
bool release_all(void);

// main.c: what is being checked, and how it went.

/// Names the case that follows, for failure messages.
void begin_case(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Ends the case: its memory is checked and freed.
void end_case(void);
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Fails if |value - expected| > bound or if either is NaN; notes the error's share of the bound.
void expect_within(double value, double expected, double bound, const char *what, size_t index);
void expect_same_bits(const float *values, const float *expected, size_t count, const char *what);

/// Fewer sizes: for valgrind and emulated machines.
extern bool quick;
/// Every float of a kernel's domain where a sample is usual.
extern bool exhaustive;
/// Readable bytes left behind the data, still checked for writes: for emulators that read the lanes
/// a masked load leaves out (qemu 7.2, AVX2). 0 elsewhere.
extern size_t slack;

// random.c: seeded inputs, row lengths and digests, the same on every machine.

void seed_random(uint64_t seed);
uint64_t random_bits(void);
/// Below `end`.
size_t random_below(size_t end);
float random_between(float low, float high);
guard_side random_side(void);
void fill(float *values, size_t count, float low, float high);

/// Row lengths around every vector width.
size_t row_length_count(void);
size_t row_length(size_t index);

/// One number for the bits of a kernel's results, to compare machines.
void digest_begin(void);
void digest_add(const void *bytes, size_t count);
uint64_t digest_value(void);

/// The scalar set of the list: the reference.
const gk_kernel_set *reference(void);
/// Unit roundoff of float32.
static const double unit = 0x1p-24;

/// What no set owns: the peaks of the other units, reading memory.
void check_probes(void);

// One suite per operation: the check, and the digest of fixed inputs.
void check_pack_panel(const gk_kernel_set *set);
void check_transpose(const gk_kernel_set *set);
void check_gemm_f32(const gk_kernel_set *set);
void check_layer_norm(const gk_kernel_set *set);
void check_softmax(const gk_kernel_set *set);
void check_geglu(const gk_kernel_set *set);
void check_rope(const gk_kernel_set *set);
void check_relative(const gk_kernel_set *set);
void check_s8(const gk_kernel_set *set);
void check_peak(const gk_kernel_set *set);
void digest_gemm_f32(const gk_kernel_set *set);
void digest_layer_norm(const gk_kernel_set *set);
void digest_softmax(const gk_kernel_set *set);
void digest_geglu(const gk_kernel_set *set);
void digest_rope(const gk_kernel_set *set);
void digest_relative(const gk_kernel_set *set);

#endif
