// Runs a vector's code on the CPU that this program runs on.
#pragma once
#include "vector.h"

// Maps the pages and installs the signal handlers. Exits with a message if the kernel refuses.
void execute_init(void);
// Fills in `after`, `exception`, `error`, `cr2`; the pages keep what the code wrote until the next call.
void execute(struct vector *v);

struct region {
  uint32_t address, size;
  uint8_t *before;
};
// The pages that code can write, with their contents before the last execute().
extern struct region writable_regions[3];
