// The CBLAS interface of OpenBLAS (Debian: libopenblas-serial-dev).
#include <cblas.h>
