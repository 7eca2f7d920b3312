// Memory operands: picks one of all encodings of an effective address (ModR/M, SIB, displacements, 16-bit forms, segment
// overrides) and sets its registers so that it lands where the test wants it.
#pragma once
#include "vector.h"

enum place { READ = 1, WRITE = 2, ALIGNED = 4, SAME_LINE = 8, NO_FAULT = 16 };

struct operand_address {
  // Prefix bytes 67h and a segment override, or 0.
  uint8_t address_size, segment;
  // ModR/M with an empty reg field, SIB, displacement.
  uint8_t bytes[6];
  int size;
  // First linear byte, and the register part of the effective address (the offset before the segment base).
  uint32_t linear, offset;
  char text[64];
};

// A linear address for `size` bytes: anywhere in the data pages, often across a page, sometimes where it faults.
uint32_t choose_linear(uint32_t page_base, uint32_t region_size, int size, int place);
// An address for `size` bytes.
void choose_address(struct vector *v, int size, int place, struct operand_address *a);
