// Encodes SIMD instructions with random operands; the groups of SIMD vectors.
#include "simd.h"
#include <stdio.h>
#include <string.h>
#include "random.h"

static uint32_t float_bits(int whole, int nans) {
  static const uint32_t edges[] = {
      0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x00000001, 0x807fffff, 0x00800000,
      0x7f7fffff, 0xff7fffff, 0x3f000000, 0x4b000000, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x5f000000,
      0x3fffffff, 0x40490fdb, 0x34000000, 0x7fc00000, 0xffc00001, 0x7fc12345, 0x7f800001, 0xffa00000,
  };
  uint32_t bits;
  do {
    if (whole && one_in(2)) {
      float f = (float)(int32_t)(random_u32() >> below(32)) * (one_in(3) ? 0.5f : one_in(2) ? 0.25f : 1.0f);
      if (one_in(2)) f = -f;
      memcpy(&bits, &f, 4);
    } else if (one_in(2)) {
      bits = edges[below(sizeof edges / 4)];
    } else {
      // Exponents near 1, so that operations round instead of overflowing.
      bits = (random_u32() & 0x807fffff) | (112 + below(32)) << 23;
      if (one_in(8)) bits = random_u32();
    }
  } while (!nans && (bits & 0x7fffffff) > 0x7f800000);
  return bits;
}

static uint64_t double_bits(int whole, int nans) {
  static const uint64_t edges[] = {
      0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000,
      0xfff0000000000000, 0x0000000000000001, 0x800fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff,
      0x3fe0000000000000, 0x41dfffffffc00000, 0x41dfffffffe00000, 0x41e0000000000000, 0xc1e0000000000000,
      0xc1e0000000200000, 0x47efffffe0000000, 0x47f0000000000000, 0x3690000000000000, 0x36a0000000000000,
      0x3810000000000000, 0x3ff0000010000000, 0x3ff0000030000000, 0x400921fb54442d18, 0x7ff8000000000000,
      0xfff8000000000001, 0x7ff8123456789abc, 0x7ff0000000000001, 0xfff4000000000000,
  };
  uint64_t bits;
  do {
    if (whole && one_in(2)) {
      double d = (double)(int32_t)(random_u32() >> below(32)) * (one_in(3) ? 0.5 : one_in(2) ? 0.25 : 1.0);
      if (one_in(2)) d = -d;
      memcpy(&bits, &d, 8);
    } else if (one_in(2)) {
      bits = edges[below(sizeof edges / 8)];
    } else {
      bits = random_u32() | (uint64_t)((random_u32() & 0x800fffff) | (1008 + below(32)) << 20) << 32;
      if (one_in(8)) bits = random_u32() | (uint64_t)random_u32() << 32;
    }
  } while (!nans && (bits & 0x7fffffffffffffff) > 0x7ff0000000000000);
  return bits;
}

static uint32_t integers(void) {
  // Edge values of bytes, words or a double word.
  int bits = 8 << below(3);
  uint32_t value = operand_value();
  for (int at = bits; at < 32; at += bits) value = value << bits | (operand_value() & ((1u << bits) - 1));
  return value;
}

static void elements(uint8_t *to, const struct simd_instruction *i, int as_source) {
  int nans = !(i->traits & NO_NANS), whole = i->traits & WHOLE_NUMBERS;
  for (int at = 0; at < 16; at += 8) {
    uint64_t value;
    if (i->elements == DOUBLES)
      value = double_bits(whole, nans);
    else if (i->elements == FLOATS)
      value = float_bits(whole, nans) | (uint64_t)float_bits(whole, nans) << 32;
    else if (as_source && i->traits & SHIFT_COUNT && !one_in(4))
      value = below(70);
    else if (i->traits & MXCSR_IMAGE && !one_in(4))
      value = random_u32() & 0xffff;
    else
      value = integers() | (uint64_t)integers() << 32;
    memcpy(to + at, &value, 8);
  }
}

// Puts an operand into a register, half of the time; the rest keep what the seed gave.
static void set_register(struct vector *v, const struct simd_instruction *i, enum simd_register kind, int n, int as_source) {
  if (v->in_block || one_in(8)) return;
  uint8_t value[16];
  elements(value, i, as_source);
  if (kind == X) memcpy(v->before.xmm[n], value, 16);
  if (kind == M) memcpy(&v->before.mm[n], value, 8);
  if (kind == R) {
    uint32_t word;
    memcpy(&word, value, 4);
    vector_set(v, 4, n, i->elements == INTEGERS ? operand_value() : word);
  }
  v->now = v->before;
}

static const char *register_text(enum simd_register kind, int n, char *text) {
  static const char *const general[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
  if (kind == R) return general[n];
  sprintf(text, "%s%d", kind == X ? "xmm" : "mm", n);
  return text;
}

int simd_add(struct vector *v, const struct simd_table *table) {
  const struct simd_instruction *i = &table->instructions[below(table->count)];
  if (v->code_size + 16 > MAX_CODE || (v->in_block && i->traits & (NO_NANS | TO_EDI))) return 0;
  v->claimed = 0;
  if (i->traits & TO_EDI) {
    vector_set(v, 4, EDI, choose_linear(DATA_BASE, DATA_SIZE, 16, WRITE | NO_FAULT));
  }
  int memory = i->traits & FROM_MEMORY ? 1 : i->traits & FROM_REGISTER ? 0 : below(2);
  int reg = below(8), rm = below(8);
  if (i->reg == R && reg == ESP) reg = EDI;
  if (i->rm == R && rm == ESP) rm = EBP;
  char reg_text[8], rm_text[8];
  const char *rm_name;
  struct operand_address a = {0};
  set_register(v, i, i->reg, reg, i->traits & STORE);
  if (i->reg == NO_REGISTER) {
    rm_name = "";
  } else if (memory) {
    int aligned = i->memory == 16 && !(i->traits & UNALIGNED) ? ALIGNED : 0;
    choose_address(v, i->memory, READ | (i->traits & STORE ? WRITE : 0) | aligned | (v->in_block ? NO_FAULT : 0), &a);
    if (!(i->traits & STORE) && !one_in(6)) {
      uint8_t value[16];
      elements(value, i, 1);
      vector_memory(v, a.linear, value, i->memory);
    }
    rm_name = a.text;
  } else {
    a.bytes[0] = 0xc0 | rm;
    a.size = 1;
    set_register(v, i, i->rm, rm, !(i->traits & STORE));
    rm_name = register_text(i->rm, rm, rm_text);
  }
  a.bytes[0] |= (i->reg == DIGIT ? i->digit : reg) << 3;

  if (a.segment) code_append(v, a.segment, 1);
  if (a.address_size) code_append(v, a.address_size, 1);
  if (i->prefix) code_append(v, i->prefix, 1);
  code_append(v, 0x0f, 1);
  for (int k = 0; k < i->opcode_size; k++) code_append(v, i->opcode[k], 1);
  for (int k = 0; k < a.size; k++) code_append(v, a.bytes[k], 1);
  int one_operand = i->reg == DIGIT || i->reg == NO_REGISTER;
  const char *reg_name = one_operand ? "" : register_text(i->reg, reg, reg_text), *comma = one_operand ? "" : ", ";
  name_append(v, "%s%s ", v->instructions ? "; " : "", i->mnemonic);
  if (i->traits & STORE)
    name_append(v, "%s%s%s", rm_name, comma, reg_name);
  else
    name_append(v, "%s%s%s", reg_name, comma, rm_name);
  if (i->traits & IMMEDIATE) {
    uint32_t immediate = i->traits & PREDICATE ? below(8) : one_in(2) ? random_u32() & 0xff : below(20);
    code_append(v, immediate, 1);
    name_append(v, ", 0x%x", immediate);
  }
  v->instructions++;
  v->undefined_before = v->undefined;
  if (i->traits & SETS_FLAGS) v->undefined = 0;
  return 1;
}

static int make_mmx(struct vector *v) { return simd_add(v, &mmx_table); }
static int make_sse_move(struct vector *v) { return simd_add(v, &sse_move_table); }
static int make_sse_float(struct vector *v) { return simd_add(v, &sse_float_table); }
static int make_sse_convert(struct vector *v) { return simd_add(v, &sse_convert_table); }
static int make_sse_integer(struct vector *v) { return simd_add(v, &sse_integer_table); }
static int make_sse3(struct vector *v) { return simd_add(v, &sse3_table); }
static int make_ssse3(struct vector *v) { return simd_add(v, &ssse3_table); }
static int make_sse4(struct vector *v) { return simd_add(v, &sse4_table); }

// The same floating-point instructions with other rounding modes, flush-to-zero, denormals-are-zero, sticky flags set
// beforehand and unmasked exceptions (#XM).
static int make_sse_mxcsr(struct vector *v) {
  uint32_t mxcsr = MXCSR_DEFAULT | below(4) << 13;
  if (one_in(3)) mxcsr |= 0x8000;
  if (one_in(3)) mxcsr |= 0x0040;
  if (one_in(3)) mxcsr |= random_u32() & 0x3f;
  if (one_in(4)) mxcsr &= ~(0x80u << below(6)) & ~0x3fu;
  v->before.mxcsr = mxcsr;
  v->now = v->before;
  if (one_in(16)) return simd_add(v, &sse_control_table);
  return simd_add(v, one_in(3) ? &sse_convert_table : one_in(8) ? &sse3_table : &sse_float_table);
}

static const struct group groups[] = {
    {"mmx", 5000, 1, make_mmx, 0},
    {"sse-move", 3500, 1, make_sse_move, 0},
    {"sse-float", 5000, 1, make_sse_float, 0},
    {"sse-convert", 3500, 1, make_sse_convert, 0},
    {"sse-integer", 6000, 1, make_sse_integer, 0},
    {"sse-mxcsr", 4000, 1, make_sse_mxcsr, 0},
    {"sse3", 1500, 1, make_sse3, 0},
    {"ssse3", 2500, 1, make_ssse3, 0},
    {"sse4", 4000, 1, make_sse4, 0},
};
const struct group_list simd_groups = TABLE(groups);
