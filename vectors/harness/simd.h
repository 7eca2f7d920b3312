// SIMD instructions as data, one line each; simd.c makes vectors of them.
#pragma once
#include "groups.h"

// NO_REGISTER: the instruction has no operands. R: a general register. DIGIT: the field extends the opcode.
enum simd_register { NO_REGISTER, X, M, R, DIGIT };
enum simd_elements { INTEGERS, FLOATS, DOUBLES };

enum simd_traits {
  STORE = 1,            // the r/m operand is written
  FROM_REGISTER = 2,    // r/m is never memory
  FROM_MEMORY = 4,      // r/m is never a register
  UNALIGNED = 8,        // a 16-byte memory operand needs no alignment
  IMMEDIATE = 16,       // imm8
  SETS_FLAGS = 32,      // writes all arithmetic flags
  WHOLE_NUMBERS = 64,   // the elements are better in the range of integers: conversions
  NO_NANS = 128,        // which NaN of several comes out is not defined
  SHIFT_COUNT = 256,    // the source is a count, better a small one
  MXCSR_IMAGE = 512,    // the source is a value for MXCSR, better without reserved bits
  TO_EDI = 1024,        // writes memory at [EDI]
  PREDICATE = 2048,     // of the immediate only 0 to 7 are defined
};

struct simd_instruction {
  const char *mnemonic;
  // 66h, F2h, F3h or 0.
  uint8_t prefix;
  // After 0Fh.
  uint8_t opcode_size, opcode[2];
  enum simd_register reg, rm;
  // Bytes of a memory operand.
  int memory;
  enum simd_elements elements;
  int traits, digit;
};

struct simd_table {
  const struct simd_instruction *instructions;
  int count;
};

extern const struct simd_table mmx_table, sse_move_table, sse_float_table, sse_convert_table, sse_integer_table, sse3_table,
    ssse3_table, sse4_table, sse_control_table;

// Appends one random instruction of the table. Returns 0 if it did not fit.
int simd_add(struct vector *v, const struct simd_table *table);
