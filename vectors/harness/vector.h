// One vector while it is made: the state before, the code, and what the real CPU made of it.
#pragma once
#include "environment.h"

struct registers {
  uint32_t general[8];
  uint32_t eip, eflags, mxcsr;
  uint64_t mm[8];
  uint8_t xmm[8][16];
};

struct patch {
  uint32_t address;
  uint8_t size, bytes[64];
};

#define MAX_PATCHES 16
#define MAX_CODE 128

struct vector {
  uint32_t seed;
  // SIMD registers are part of the vector.
  int simd;
  struct registers before, after;
  // The state at the point where the next instruction will run: `before` itself, or in a block what the CPU reached.
  struct registers now;
  // In a block the registers are what earlier instructions made of them, operands cannot be chosen.
  int in_block;
  uint8_t code[MAX_CODE];
  int code_size, instructions;
  char name[400];
  // Initial memory that differs from the pages' pattern.
  struct patch patches[MAX_PATCHES];
  int patch_count;
  // Bit n: general register n holds an operand that must not become part of an address.
  uint8_t claimed;
  // Flags without an architectural value after the code so far, and before its last instruction (which may fault).
  uint32_t undefined, undefined_before;
  // Exception number or -1, and for those that have them, error code and CR2.
  int exception;
  uint32_t error, cr2;
};

// Starts a vector: registers from the seed, random arithmetic flags, no code.
void vector_start(struct vector *v, uint32_t seed);
// Sets a general register's 8, 16 or 32 bits (size 1, 2, 4; 8-bit numbers 4..7 are AH..BH) unless an address uses it.
void vector_set(struct vector *v, int size, int reg, uint32_t value);
// Adds initial memory. Falls silent when the vector has no more room.
void vector_memory(struct vector *v, uint32_t address, const void *bytes, int size);
// The pattern of the page that holds `address`, a multiple of PAGE.
void page_pattern(uint32_t page_address, uint8_t *page);
// Registers as they follow from a seed.
void registers_from_seed(struct registers *r, uint32_t seed);
