// Int8 quantisation for NEON: the shared body over 8 lanes.
#include "CKernels.h"
#include "quantize_s8.h"
#if defined(__aarch64__)
#include "../vector/neon.h"
#include "../vector/integers_neon.h"
#include "quantize_s8_rows.h"
#endif
