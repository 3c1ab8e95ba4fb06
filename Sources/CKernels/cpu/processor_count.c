// Processors this process may run on: `taskset` and container CPU sets count.
#define _GNU_SOURCE
#include "CKernels.h"
#include <sched.h>
#include <unistd.h>

uint32_t gk_processor_count(void) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return (uint32_t)CPU_COUNT(&allowed);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (uint32_t)online : 1;
}
