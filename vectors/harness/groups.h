// The groups of vectors: each becomes one file.
#pragma once
#include "instruction.h"

struct group {
  const char *name;
  int count, simd;
  // Completes a started vector. Returns 0 to have it thrown away and tried anew.
  int (*make)(struct vector *v);
  // Looks at the executed vector and returns 0 to throw it away; may be 0.
  int (*keep)(const struct vector *v);
};

struct group_list {
  const struct group *groups;
  int count;
};

struct instruction_table {
  const struct instruction *instructions;
  int count;
};

#define TABLE(array) {array, sizeof(array) / sizeof *(array)}

// One random instruction of a table.
int add_from(struct vector *v, const struct instruction_table *table);

// Flags that condition n of Jcc, CMOVcc, SETcc looks at, by n >> 1.
extern const uint32_t condition_flags[8];
extern const char *const condition_names[16];

extern const struct instruction_table arithmetic_table, shift_table, multiply_table, move_table, bit_table, decimal_table,
    stack_table;
extern const struct group_list integer_groups, control_groups, stack_groups, string_groups, fault_groups, simd_groups,
    block_groups;
