// peak_f32 for NEON: the shared body over 8 lanes.
#include "CKernels.h"
#if defined(__aarch64__)
#include "../vector/neon.h"
#include "peak_f32.h"
#endif
