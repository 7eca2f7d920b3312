// Random loops of user code whose memory operands walk towards something: the end of a page, an odd address under alignment
// checks. EBP counts the rounds down; EBX, ESI, EDI point to memory and step after each round; EAX, ECX, EDX hold data; ESP is
// a stack. Only flags with an architectural value are looked at, but for AF.
//
// All instructions mean the same in 32-bit and in 64-bit mode as long as the upper halves of registers are zero: no one-byte
// INC and DEC, no absolute addresses, no PUSHA, ENTER, PUSH of memory. PUSH, POP, CALL and RET of registers differ in the size
// of a stack element only.
#include <string.h>
#include "../../harness/random.h"
#include "program.h"

enum segment_register { SEG_ES, SEG_SS, SEG_DS, SEG_FS };
// Prefix of an instruction; 0: none is needed.
static const uint8_t override_of[4] = {0x26, 0x36, 0, 0x64};

struct pointer {
  // Number of the general register; segment register that it is relative to; bytes it moves by in a round.
  int reg;
  enum segment_register segment;
  int step;
};

static struct {
  struct program *p;
  struct pointer pointers[3];
  uint32_t rounds;
  // Where calls go to: offsets of displacements to fill in.
  int calls[16], call_count;
} now;

static void byte(uint32_t value) { now.p->code[now.p->code_size++] = value; }
static void word(uint32_t value) {
  byte(value);
  byte(value >> 8);
}
static void dword(uint32_t value) {
  word(value);
  word(value >> 16);
}
static int data_register(void) { return below(3); }

// ModRM and displacement of [pointer + displacement].
static void operand(const struct pointer *pointer, int reg_field, int displacement) {
  if (one_in(3)) {
    byte(0x80 | reg_field << 3 | pointer->reg);
    dword(displacement);
  } else {
    byte(0x40 | reg_field << 3 | pointer->reg);
    byte(displacement);
  }
}

// An instruction with a memory operand: segment override, prefix and opcode (0: none), ModRM.
static void memory(int prefix, int escape, int opcode, int reg_field, int size) {
  const struct pointer *pointer = &now.pointers[below(3)];
  if (override_of[pointer->segment]) byte(override_of[pointer->segment]);
  if (prefix) byte(prefix);
  if (escape) byte(escape);
  byte(opcode);
  int displacement = one_in(4) ? (int)below(64) - 32 : 0;
  if (!one_in(8)) displacement &= ~(size - 1);
  operand(pointer, reg_field, displacement);
}

// The three sizes: byte form, 66h, none.
static void sized(int escape, int byte_opcode, int reg_field) {
  int size = 1 << below(3);
  memory(size == 2 ? 0x66 : 0, escape, byte_opcode | (size > 1), reg_field, size);
}

static void add_string(void) {
  static const uint8_t opcodes[] = {0xa4, 0xa6, 0xaa, 0xac, 0xae};
  const struct pointer *source = &now.pointers[1], *destination = &now.pointers[2];
  int opcode = opcodes[below(5)], reads_source = opcode != 0xaa && opcode != 0xae, reads_es = opcode != 0xac;
  // The destination is ES:EDI always.
  if (reads_es && destination->segment == SEG_FS) return;
  int repeated = one_in(2);
  if (repeated) {
    byte(0xb9);
    dword(below(12));
  }
  if (reads_source && override_of[source->segment]) byte(override_of[source->segment]);
  if (repeated) byte(0xf3 - (opcode == 0xa6 && one_in(2)));
  int size = below(3);
  if (size == 1) byte(0x66);
  byte(opcode | (size > 0));
}

static void add_stack(void) {
  if (one_in(2) && now.call_count < 16) {
    byte(0xe8);
    now.calls[now.call_count++] = now.p->code_size;
    dword(0);
  } else {
    byte(0x50 | data_register());
    byte(0x58 | data_register());
  }
}

static void add_x87(void) {
  static const struct {
    uint8_t load, load_field, store, store_field, size;
  } pairs[] = {{0xdd, 0, 0xdd, 3, 8}, {0xd9, 0, 0xd9, 3, 4}, {0xdb, 5, 0xdb, 7, 8}, {0xdf, 5, 0xdf, 7, 8},
               {0xdb, 0, 0xdb, 3, 4}, {0xdf, 0, 0xdf, 3, 2}, {0xdf, 0, 0xdf, 6, 8}};
  int load = below(7), store = below(7);
  memory(0, 0, pairs[load].load, pairs[load].load_field, pairs[load].size);
  memory(0, 0, pairs[store].store, pairs[store].store_field, pairs[store].size);
}

static void add_simd(void) {
  static const struct {
    uint8_t prefix, opcode, size;
  } forms[] = {{0, 0x10, 4},    {0, 0x11, 4},    {0, 0x28, 16},   {0, 0x29, 16},    {0x66, 0x6f, 16}, {0x66, 0x7f, 16}, {0xf3, 0x6f, 4},
               {0xf3, 0x7f, 4}, {0, 0x6f, 8},    {0, 0x7f, 8},    {0xf3, 0x10, 4},  {0xf3, 0x11, 4},  {0xf2, 0x10, 8},  {0xf2, 0x11, 8},
               {0, 0x12, 8},    {0, 0x13, 8},    {0, 0x16, 8},    {0, 0x17, 8},     {0x66, 0xef, 16}, {0x66, 0xfe, 16}, {0, 0xfe, 8},
               {0, 0xef, 8},    {0xf2, 0xf0, 4}, {0, 0xe7, 8},    {0x66, 0xe7, 16}, {0, 0x6e, 4},     {0, 0x7e, 4},     {0, 0xc3, 4}};
  int n = below(sizeof forms / sizeof *forms);
  const struct pointer *pointer = &now.pointers[below(3)];
  if (override_of[pointer->segment]) byte(override_of[pointer->segment]);
  if (forms[n].prefix) byte(forms[n].prefix);
  byte(0x0f);
  byte(forms[n].opcode);
  operand(pointer, forms[n].opcode == 0xc3 ? data_register() : (int)below(8), one_in(4) ? 16 * ((int)below(4) - 2) : 0);
}

static void add_integer(void) {
  static const uint8_t alu[8] = {0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30, 0x38};
  int reg = data_register();
  switch (below(14)) {
    case 0:
    case 1:
      return sized(0, alu[below(8)] | 2, reg);
    case 2:
      return sized(0, alu[below(8)], reg);
    case 3:
      return sized(0, 0x8a, reg);
    case 4:
      return sized(0, 0x88, reg);
    case 5: {
      int wide = below(2);
      return memory(0, 0x0f, (one_in(2) ? 0xb6 : 0xbe) | wide, reg, 1 + wide);
    }
    case 6:
      return sized(0, 0xfe, below(2));
    case 7:
      return sized(0, 0xf6, 2 + below(2));
    case 8:
      return memory(0, 0x0f, 0x90 | below(16), 0, 1);
    case 9:
      return memory(0, 0x0f, 0x40 | below(16), reg, 4);
    case 10:
      return sized(0x0f, one_in(2) ? 0xb0 : 0xc0, reg);
    case 11:
      return memory(0, 0x0f, 0xc7, 1, 8);
    case 12:
      return sized(0, 0x84, reg);
    default:
      // Between registers: ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, or a shift by one.
      if (one_in(4)) {
        byte(0xd1);
        byte(0xc0 | below(8) << 3 | reg);
      } else {
        byte(alu[below(8)] | 1);
        byte(0xc0 | reg << 3 | data_register());
      }
  }
}

// CMP EBP, round; JNE over what `emit` adds.
static void at_round(uint32_t round, void (*emit)(void)) {
  byte(0x81);
  byte(0xfd);
  dword(round);
  byte(0x75);
  int displacement = now.p->code_size;
  byte(0);
  emit();
  now.p->code[displacement] = now.p->code_size - displacement - 1;
}

// PUSHF; OR or XOR dword [ESP], flag; POPF. In between only flags with defined values, but for AF: CMP came before.
static void change_flag(int operation, uint32_t flag) {
  byte(0x9c);
  byte(0x81);
  byte(operation << 3 | 4);
  byte(0x24);
  dword(flag);
  byte(0x9d);
}
static void set_trap(void) { change_flag(1, TF); }
static void toggle_trap(void) { change_flag(6, TF); }
static void toggle_alignment(void) { change_flag(6, AC); }
static void nudge(void) {
  byte(0xff);
  byte(0xc0 | now.pointers[below(3)].reg);
}

static void add_item(void) {
  if (one_in(12)) {
    byte(0x70 | below(16));
    int displacement = now.p->code_size;
    byte(0);
    add_integer();
    now.p->code[displacement] = now.p->code_size - displacement - 1;
  } else if (one_in(7)) {
    add_string();
  } else if (one_in(5)) {
    add_stack();
  } else if (now.p->fpu == FPU_X87 && one_in(2)) {
    add_x87();
  } else if (now.p->fpu == FPU_SIMD && one_in(2)) {
    add_simd();
  } else {
    add_integer();
  }
}

static uint32_t base_of(enum segment_register segment) { return segment == SEG_FS ? FS_BASE : 0; }

// The pointer's value in the first round, so that it arrives at a remarkable place in some round, or never moves.
static uint32_t first_value(struct pointer *pointer) {
  // Not the stack: what lies there depends on the size of its elements.
  static const uint32_t places[] = {LOW_BASE,         LOW_BASE + PAGE, READONLY_BASE, DATA_BASE,
                                    DATA_BASE + PAGE, DATA_END,        DATA_END,      DATA_BASE + PAGE / 2};
  static const int steps[] = {0, 0, 1, 2, 4, 4, 8, 16, 64};
  pointer->step = steps[below(9)] * (one_in(3) ? -1 : 1);
  uint32_t place = places[below(8)];
  // Addresses do not wrap at 4 GiB in 64-bit mode.
  if (place < base_of(pointer->segment)) place = DATA_END;
  uint32_t travelled = pointer->step * (int)(one_in(4) ? below(now.rounds) : now.rounds - 1 - below(4) % now.rounds);
  uint32_t linear = place - travelled;
  // Not moving: anywhere in the data.
  if (pointer->step == 0) linear = one_in(4) ? place - below(5) : DATA_BASE + 0x40 + below(DATA_SIZE - 0x80);
  if (!one_in(6)) linear &= ~15u;
  return linear - base_of(pointer->segment);
}

static void choose_pointers(void) {
  static const int registers[3] = {EBX, ESI, EDI};
  for (int i = 0; i < 3; i++) {
    struct pointer *pointer = &now.pointers[i];
    pointer->reg = registers[i];
    static const enum segment_register choices[] = {SEG_DS, SEG_DS, SEG_ES, SEG_SS, SEG_FS};
    pointer->segment = choices[below(5)];
    now.p->general[pointer->reg] = first_value(pointer);
  }
}

static void add_steps(void) {
  for (int i = 0; i < 3; i++) {
    if (now.pointers[i].step == 0) continue;
    // LEA r, [r + step] leaves the flags alone.
    byte(0x8d);
    byte(0x40 | now.pointers[i].reg * 9);
    byte(now.pointers[i].step);
  }
}

void generate(struct program *p, uint32_t seed) {
  memset(p, 0, sizeof *p);
  memset(&now, 0, sizeof now);
  now.p = p;
  random_seed(seed);
  p->seed = seed;
  p->fpu = below(3);
  for (int i = 0; i < 8; i++) p->general[i] = operand_value();
  p->general[ESP] = STACK_START;
  now.rounds = one_in(4) ? 1 + below(8) : 40 + below(160);
  p->general[EBP] = now.rounds;
  // IF, and a carry now and then.
  p->eflags = 0x202 | below(2) | (one_in(3) ? AC : 0) | (one_in(12) ? TF : 0);

  choose_pointers();
  if (p->fpu == FPU_X87) {
    byte(0xdb);
    byte(0xe3);
  }
  // CMP gives every flag a value.
  byte(0x39);
  byte(0xc0 | data_register() << 3 | data_register());
  int head = p->code_size;
  for (int items = 2 + below(5); items > 0; items--) add_item();
  uint32_t round = 1 + below(now.rounds);
  // Near the end: so much is traced at most.
  if (one_in(8)) at_round(1 + below(now.rounds < 4 ? now.rounds : 4), set_trap);
  if (one_in(16)) {
    at_round(round, toggle_trap);
    add_integer();
    at_round(round, toggle_trap);
  }
  if (one_in(8)) at_round(round, toggle_alignment);
  if (one_in(8)) at_round(round, nudge);
  add_steps();
  // DEC EBP; JNZ head
  byte(0xff);
  byte(0xcd);
  byte(0x0f);
  byte(0x85);
  dword(head - (p->code_size + 4));
  byte(0xcc);
  // What is called: ADD r, r; RET.
  if (now.call_count > 0) {
    for (int i = 0; i < now.call_count; i++) {
      uint32_t displacement = p->code_size - (now.calls[i] + 4);
      memcpy(p->code + now.calls[i], &displacement, 4);
    }
    byte(0x01);
    byte(0xc0 | data_register() << 3 | data_register());
    byte(0xc3);
  }
  // Every second one lies across the end of a page, so that some instruction does.
  p->eip = one_in(2) ? CODE_START : CODE_BASE + PAGE - 1 - below(p->code_size - 1);
}
