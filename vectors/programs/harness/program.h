// One program while it is made and run: a loop of user code, the state before it, and each event (trap or fault) that the
// real CPU raised, in order.
#pragma once
#include <stdint.h>
#include "../../harness/vector.h"

#define TF 0x100u
#define AC 0x40000u
#define MAX_PROGRAM 256
// A program ends with its first fault, with the INT3 behind it, or after so many traps.
#define MAX_EVENTS 40
#define HASHED_PAGES 3

enum fpu { FPU_NONE, FPU_X87, FPU_SIMD };

struct event {
  // Exception vector, error code, CR2 (page faults only).
  uint32_t vector, error, cr2;
  uint32_t eip, eflags, general[8];
  // Status word of the x87: exceptions, C1, TOP.
  uint32_t status;
};

struct program {
  uint32_t seed;
  uint32_t general[8], eip, eflags;
  uint8_t code[MAX_PROGRAM];
  int code_size;
  enum fpu fpu;
  struct event events[MAX_EVENTS];
  int event_count;
  // FNV-1a of ST(0)..ST(7) with XMM0..7, and of each hashed page.
  uint32_t vector_hash, page_hashes[HASHED_PAGES];
};

// The pages that programs can write, but for the stack, whose elements are twice as large in 64-bit mode.
extern const uint32_t hashed_pages[HASHED_PAGES];

void generate(struct program *p, uint32_t seed);

// Maps the pages and installs the signal handlers. Exits with a message if the kernel refuses.
void run_init(void);
// Fills in the events and the hashes.
void run(struct program *p);
