// Deep and wide recursion: calls, returns and stack frames, little else.
#include "workload.h"

static __attribute__((noinline)) uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

static __attribute__((noinline)) uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  return ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1));
}

static uint32_t run(void) {
  uint32_t hash = mix(FNV_START, fibonacci(40));
  for (uint32_t n = 1; n <= 8; n++) hash = mix(hash, ackermann(3, n));
  return hash;
}

const struct workload recursion = {.name = "recursion", .run = run};
