// Compiled with -mfpmath=387: 80-bit registers, rounded to double when they are stored.
#define WORKLOAD nbody_x87
#define WORKLOAD_NAME "nbody-x87"
#include "nbody.h"
