// The C face of the micro-kernels: see kernels.h in each operation folder.
