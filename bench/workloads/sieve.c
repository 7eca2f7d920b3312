// Sieve of Eratosthenes, then a hash over the primes: stores with a stride, then multiply and shift in registers.
#include <string.h>

#include "workload.h"

enum { LIMIT = 1 << 21, PASSES = 24, HASH_ROUNDS = 24 };

static unsigned char composite[LIMIT];

static void cross_out(void) {
  memset(composite, 0, sizeof composite);
  for (uint32_t i = 2; i * i < LIMIT; i++) {
    if (composite[i]) continue;
    for (uint32_t multiple = i * i; multiple < LIMIT; multiple += i) composite[multiple] = 1;
  }
}

// The finaliser of MurmurHash3 (A. Appleby, public domain).
static uint32_t scramble(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}

static uint32_t run(void) {
  uint32_t hash = FNV_START;
  for (int pass = 0; pass < PASSES; pass++) {
    cross_out();
    for (uint32_t i = 2; i < LIMIT; i++) {
      if (composite[i]) continue;
      uint32_t x = i + pass;
      for (int round = 0; round < HASH_ROUNDS; round++) x = scramble(x);
      hash = mix(hash, x);
    }
  }
  return hash;
}

const struct workload sieve = {.name = "sieve", .run = run};
