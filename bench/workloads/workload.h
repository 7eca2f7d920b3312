// What a workload is. Each lives in a file of its own; main.c runs and times them.
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdint.h>

struct workload {
  const char *name;
  void (*prepare)(void);  // not timed; may be null
  uint32_t (*run)(void);  // timed; returns a checksum of what was computed, equal on every correct processor
  uint32_t operations;    // of the same kind, that the time is divided by; 0 if there are none to speak of
};

extern const struct workload sieve, interpreter, stack_machine, recursion, memory, sha256, nbody_x87, nbody_sse2, syscalls,
    getpid_calls, pipe_exchange, socket_exchange, signals, processes, fork_exit, fork_exec, mappings, faults, script, http,
    gzip;

// One step of a xorshift generator (G. Marsaglia, "Xorshift RNGs", 2003). The state must not be 0.
static inline uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

// FNV-1a, one word at a time.
static inline uint32_t mix(uint32_t hash, uint32_t word) { return (hash ^ word) * 16777619u; }

#define FNV_START 2166136261u

// Prints what failed, with errno's text, and exits.
void fail(const char *what) __attribute__((noreturn));

#endif
