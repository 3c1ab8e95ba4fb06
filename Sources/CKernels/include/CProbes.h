// Probes of what the machine can do: the peaks that benchmarks report their share of.
#ifndef GLISS_CPROBES_H
#define GLISS_CPROBES_H

#include <stddef.h>
#include <stdint.h>

/// Runs `iterations` rounds of a unit's products on operands in registers and returns the operations
/// done, a multiplication and an addition counting two. Rounds take 10 to 100 ns.
typedef double (*gk_peak_fn)(size_t iterations);

/// A unit that multiplies in less than 32 bits, with its probe.
typedef struct {
  const char *name;
  /// Bits of GK_CPU_*. AMX units need the tile permission besides.
  uint32_t required_features;
  gk_peak_fn peak;
} gk_unit;

/// The units compiled in; index < gk_unit_count().
size_t gk_unit_count(void);
const gk_unit *gk_unit_at(size_t index);

/// Reads `byte_count` bytes (a multiple of 64) once, in order, and returns a sum of them that keeps the
/// compiler from leaving the reads out.
uint64_t gk_read_bytes(const void *bytes, size_t byte_count);

#endif
