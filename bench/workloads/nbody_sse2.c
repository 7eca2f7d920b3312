// Compiled with -msse2 -mfpmath=sse.
#define WORKLOAD nbody_sse2
#define WORKLOAD_NAME "nbody-sse2"
#include "nbody.h"
