// String instructions with and without repetition, in both directions, over pages and into faults midway; XLAT.
#include <string.h>
#include "groups.h"
#include "random.h"

enum operation { MOVS, CMPS, STOS, LODS, SCAS };
static const struct {
  const char *name;
  uint8_t opcode;
} operations[] = {{"movs", 0xa4}, {"cmps", 0xa6}, {"stos", 0xaa}, {"lods", 0xac}, {"scas", 0xae}};

// Start address for `bytes` bytes in one direction; mostly all fit.
static uint32_t start(uint32_t base, uint32_t region, uint32_t bytes, int size, int backward) {
  uint32_t at;
  if (one_in(10)) {
    // Runs out of the region after a part.
    uint32_t part = below(bytes + 1);
    at = backward ? base + part : base + region - part;
  } else {
    at = base + below(region - bytes + 1) + (backward ? bytes : 0);
  }
  return backward ? at - size : at;
}

static int make_string(struct vector *v) {
  enum operation o = below(5);
  int size = 1 << below(3), backward = one_in(3), low = one_in(8), repeat = below(3);
  uint32_t count = repeat == 0 ? 1 : one_in(8) ? 0 : one_in(10) ? below(400) : one_in(4) ? below(100) : below(16);
  uint32_t base = low ? LOW_BASE : DATA_BASE, region = low ? PAGE : DATA_SIZE, bytes = count * size;
  uint32_t source = start(base, region, bytes, size, backward), destination = start(base, region, bytes, size, backward);
  if (o == MOVS && one_in(4)) destination = source + below(40) - 20;
  if (o == STOS && one_in(30)) destination = READONLY_BASE + PAGE - below(8);

  // With 16-bit addresses the processor used for data/ does not copy closely overlapping strings element by element, as the
  // manuals have it: left out.
  if (o == MOVS && low && destination - source + 64 < 128) return 0;

  // Equal operands for a while, so that repetition ends somewhere.
  uint8_t text[64];
  uint32_t equal = below(sizeof text + 1);
  uint32_t accumulator = operand_value();
  if ((o == CMPS || o == SCAS) && !backward && !one_in(4)) {
    for (unsigned i = 0; i < sizeof text; i++) text[i] = o == SCAS ? accumulator >> i % size * 8 : random_u32();
    vector_memory(v, destination, text, equal);
    if (o == CMPS) vector_memory(v, source, text, equal);
  }

  uint32_t mask = low ? 0xffffu : 0xffffffffu, upper = random_u32() & ~mask;
  if (backward) v->before.eflags |= DF;
  vector_set(v, 4, EAX, accumulator);
  if (repeat) vector_set(v, 4, ECX, count | upper);
  int segment = o != STOS && o != SCAS && one_in(8) ? 0x64 : 0;
  if (low && segment) segment = 0x2e;
  vector_set(v, 4, ESI, ((segment == 0x64 ? source - FS_BASE : source) & mask) | upper);
  vector_set(v, 4, EDI, (destination & mask) | upper);

  if (segment) code_append(v, segment, 1);
  if (low) code_append(v, 0x67, 1);
  if (size == 2) code_append(v, 0x66, 1);
  if (repeat) code_append(v, repeat == 1 ? 0xf3 : 0xf2, 1);
  code_append(v, operations[o].opcode | (size > 1), 1);
  name_append(v, "%s%s%s%s%c count %u", segment == 0x64 ? "fs " : segment ? "cs " : "", low ? "a16 " : "",
              repeat == 1 ? "rep " : repeat ? "repne " : "", operations[o].name, "bw d"[size - 1], count);
  v->instructions = 1;
  // After a fault midway the flags are those of some earlier iteration or of none.
  if (o == CMPS || o == SCAS) v->undefined_before = repeat ? ARITHMETIC : 0;
  return 1;
}

static int make_xlat(struct vector *v) {
  uint32_t al = random_u32() & 0xff, at = choose_linear(DATA_BASE, DATA_SIZE, 1, READ);
  vector_set(v, 1, EAX, al);
  vector_set(v, 4, EBX, at - al);
  code_append(v, 0xd7, 1);
  name_append(v, "xlat");
  v->instructions = 1;
  return 1;
}

static int make(struct vector *v) { return one_in(12) ? make_xlat(v) : make_string(v); }

static const struct group groups[] = {{"string", 5000, 0, make, 0}};
const struct group_list string_groups = TABLE(groups);
