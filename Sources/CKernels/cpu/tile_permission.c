// The operating system's permission to use the AMX tile registers: asked for once a process, before its
// first tile instruction. Source: Linux, Documentation/arch/x86/xstate.rst.
#define _GNU_SOURCE
#include "CKernels.h"

#if GK_SOFTWARE_TILES

int gk_request_tile_permission(void) { return 0; }

#elif defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };

int gk_request_tile_permission(void) {
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 ? 0 : -1;
}

#else

int gk_request_tile_permission(void) { return -1; }

#endif
