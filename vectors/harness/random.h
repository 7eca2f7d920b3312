// Deterministic pseudo-random numbers: the same seeds give the same vectors. `mix32` is also the function from which the
// loader rebuilds the registers and the pages' first contents, so it must not change without a new format version.
#pragma once
#include <stdint.h>

// Advances *state and returns 32 well mixed bits.
static inline uint32_t mix32(uint32_t *state) {
  uint32_t z = (*state += 0x9e3779b9u);
  z = (z ^ (z >> 16)) * 0x21f0aaadu;
  z = (z ^ (z >> 15)) * 0x735a2d97u;
  return z ^ (z >> 15);
}

// The generator's own stream.
void random_seed(uint32_t seed);
uint32_t random_u32(void);
// 0 <= result < n
uint32_t below(uint32_t n);
// True once in n times on average.
int one_in(uint32_t n);
// An operand of an integer instruction: edge values of all sizes half of the time.
uint32_t operand_value(void);
