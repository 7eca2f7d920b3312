// Instructions as data: one entry gives all sizes and operand forms of an encoding, and which flags it reads, writes and
// leaves undefined. `instruction_add` turns an entry into code with random operands.
#pragma once
#include "address.h"

enum operands {
  NONE,        // no explicit operand
  RM,          // r/m
  RM_R,        // r/m, r
  R_RM,        // r, r/m
  RM_I,        // r/m, imm of the operand's size
  RM_I8,       // r/m, imm8
  RM_1,        // r/m, 1 (D0h shifts)
  RM_CL,       // r/m, cl
  RM_R_I8,     // r/m, r, imm8
  RM_R_CL,     // r/m, r, cl
  R_RM_I,      // r, r/m, imm
  R_RM_I8,     // r, r/m, imm8
  R_RM8,       // r, r/m8
  R_RM16,      // r, r/m16
  RM8,         // r/m8 whatever the operand size (SETcc)
  A_I,         // al/ax/eax, imm
  OPCODE_R,    // register in the opcode
  OPCODE_R_I,  // the same, imm
  A_MOFFS,     // al/ax/eax, [disp32]
  I,           // imm of the operand's size
  I8,          // imm8
  R_M,         // r, address (LEA)
  M64,         // memory only, 8 bytes
};

enum traits {
  LOCKABLE = 1,        // may carry LOCK with a memory destination
  LOCKED = 2,          // locks by itself (XCHG)
  WRITES = 4,          // writes its r/m operand
  MEMORY_ONLY = 8,     // r/m is never a register
  BIT_OFFSET = 16,     // the register is a bit offset that moves the memory address (BT)
  SINGLE = 32,         // not within a block: needs registers that a block cannot provide
};

#define BYTE 1
#define WORD 2
#define DWORD 4
#define ALL 7
#define WIDE 6

struct choice;

struct instruction {
  const char *mnemonic;
  uint8_t opcode[4];
  uint8_t opcode_size;
  // /digit, or -1 when the reg field holds a register.
  int8_t digit;
  enum operands operands;
  // BYTE WORD DWORD: the opcode is the byte form's if BYTE is in, and wider ones have its lowest bit set.
  int sizes;
  int traits;
  uint32_t reads, writes, undefined;
  // Sets implicit operands before the explicit ones are chosen.
  void (*prepare)(struct vector *v, int size);
  // Replaces `writes` and `undefined` where they depend on operands. Returns 0 to reject the choice.
  int (*judge)(const struct vector *v, struct choice *c);
};

// What was chosen for one instruction.
struct choice {
  const struct instruction *instruction;
  // Operand size in bytes; whether there is a LOCK prefix.
  int size, lock;
  uint32_t immediate;
  uint32_t writes, undefined;
};

// Appends the instruction to the vector. Returns 0 if the choice did not fit (reads an undefined flag, code full).
int instruction_add(struct vector *v, const struct instruction *i);
// Appends a size-byte little-endian immediate.
void code_append(struct vector *v, uint32_t value, int size);
// Appends text to the vector's name.
void name_append(struct vector *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
