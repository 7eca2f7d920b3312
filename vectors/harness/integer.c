// Integer arithmetic, logic, shifts, multiplication, division, data movement, bits, decimal adjustment.
// Flags that are undefined: Intel SDM volume 1 appendix A, "EFLAGS Cross-Reference", and the instructions' pages in
// volume 2.
#include <string.h>
#include "groups.h"
#include "random.h"

#define COUNT_OF(v) ((v)->now.general[ECX] & 31)

// Six encodings that ADD OR ADC SBB AND SUB XOR CMP share.
#define ALU(name, n, read, undef, extra)                                                                           \
  {name, {n << 3}, 1, -1, RM_R, ALL, extra, read, ARITHMETIC, undef, 0, 0},                                         \
      {name, {n << 3 | 2}, 1, -1, R_RM, ALL, 0, read, ARITHMETIC, undef, 0, 0},                                     \
      {name, {n << 3 | 4}, 1, -1, A_I, ALL, 0, read, ARITHMETIC, undef, 0, 0},                                      \
      {name, {0x80}, 1, n, RM_I, ALL, extra, read, ARITHMETIC, undef, 0, 0},                                        \
      {name, {0x83}, 1, n, RM_I8, WIDE, extra, read, ARITHMETIC, undef, 0, 0}

#define RMW (WRITES | LOCKABLE)

static const struct instruction arithmetic[] = {
    ALU("add", 0, 0, 0, RMW),
    ALU("or", 1, 0, AF, RMW),
    ALU("adc", 2, CF, 0, RMW),
    ALU("sbb", 3, CF, 0, RMW),
    ALU("and", 4, 0, AF, RMW),
    ALU("sub", 5, 0, 0, RMW),
    ALU("xor", 6, 0, AF, RMW),
    ALU("cmp", 7, 0, 0, 0),
    {"test", {0x84}, 1, -1, RM_R, ALL, 0, 0, ARITHMETIC, AF, 0, 0},
    {"test", {0xa8}, 1, -1, A_I, ALL, 0, 0, ARITHMETIC, AF, 0, 0},
    {"test", {0xf6}, 1, 0, RM_I, ALL, 0, 0, ARITHMETIC, AF, 0, 0},
    {"not", {0xf6}, 1, 2, RM, ALL, RMW, 0, 0, 0, 0, 0},
    {"neg", {0xf6}, 1, 3, RM, ALL, RMW, 0, ARITHMETIC, 0, 0, 0},
    {"inc", {0xfe}, 1, 0, RM, ALL, RMW, 0, ARITHMETIC & ~CF, 0, 0, 0},
    {"dec", {0xfe}, 1, 1, RM, ALL, RMW, 0, ARITHMETIC & ~CF, 0, 0, 0},
    {"inc", {0x40}, 1, -1, OPCODE_R, WIDE, 0, 0, ARITHMETIC & ~CF, 0, 0, 0},
    {"dec", {0x48}, 1, -1, OPCODE_R, WIDE, 0, 0, ARITHMETIC & ~CF, 0, 0, 0},
};

// ---- Shifts and rotates
static void prepare_count(struct vector *v, int size) {
  static const uint8_t counts[] = {0, 1, 1, 2, 7, 8, 9, 15, 16, 17, 18, 27, 31, 32, 33, 34, 63, 64, 128, 255};
  (void)size;
  uint32_t count = one_in(2) ? counts[below(sizeof counts)] : random_u32();
  vector_set(v, 4, ECX, (random_u32() & 0xffffff00u) | (count & 0xff));
}

static int count_of(const struct vector *v, const struct choice *c) {
  enum operands o = c->instruction->operands;
  return o == RM_1 ? 1 : o == RM_I8 || o == RM_R_I8 ? c->immediate & 31 : (int)COUNT_OF(v);
}

static int judge_rotate(const struct vector *v, struct choice *c) {
  int count = count_of(v, c);
  c->writes = count ? CF | OF : 0;
  c->undefined = count > 1 ? OF : 0;
  return 1;
}

static int judge_shift(const struct vector *v, struct choice *c) {
  int count = count_of(v, c);
  c->writes = count ? ARITHMETIC : 0;
  c->undefined = count == 0 ? 0 : AF | (count > 1 ? OF : 0);
  // SHL and SHR, not SAR, lose the carry when everything is shifted out.
  if (c->instruction->digit != 7 && count >= 8 * c->size) c->undefined |= CF;
  return 1;
}

// The double shifts of 16 bits by more than 16 have no defined result at all.
static int judge_double_shift(const struct vector *v, struct choice *c) {
  int count = count_of(v, c);
  if (count > 8 * c->size) return 0;
  c->writes = count ? ARITHMETIC : 0;
  c->undefined = count == 0 ? 0 : AF | (count > 1 ? OF : 0);
  return 1;
}

#define SHIFT(name, n, read, judge)                                                    \
  {name, {0xd0}, 1, n, RM_1, ALL, WRITES, read, 0, 0, 0, judge},                        \
      {name, {0xd2}, 1, n, RM_CL, ALL, WRITES, read, 0, 0, prepare_count, judge},       \
      {name, {0xc0}, 1, n, RM_I8, ALL, WRITES, read, 0, 0, 0, judge}

static const struct instruction shifts[] = {
    SHIFT("rol", 0, 0, judge_rotate),
    SHIFT("ror", 1, 0, judge_rotate),
    SHIFT("rcl", 2, CF, judge_rotate),
    SHIFT("rcr", 3, CF, judge_rotate),
    SHIFT("shl", 4, 0, judge_shift),
    SHIFT("shr", 5, 0, judge_shift),
    SHIFT("sar", 7, 0, judge_shift),
    {"shld", {0x0f, 0xa4}, 2, -1, RM_R_I8, WIDE, WRITES, 0, 0, 0, 0, judge_double_shift},
    {"shld", {0x0f, 0xa5}, 2, -1, RM_R_CL, WIDE, WRITES, 0, 0, 0, prepare_count, judge_double_shift},
    {"shrd", {0x0f, 0xac}, 2, -1, RM_R_I8, WIDE, WRITES, 0, 0, 0, 0, judge_double_shift},
    {"shrd", {0x0f, 0xad}, 2, -1, RM_R_CL, WIDE, WRITES, 0, 0, 0, prepare_count, judge_double_shift},
};

// ---- Multiplication and division
static void prepare_accumulator(struct vector *v, int size) { vector_set(v, size, EAX, operand_value()); }

// Small high halves, so that most quotients fit.
static void prepare_dividend(struct vector *v, int size) {
  vector_set(v, 4, EAX, operand_value());
  uint32_t high = one_in(4) ? operand_value() : one_in(2) ? below(16) : 0u - below(8);
  if (size == 1)
    vector_set(v, 1, 4, high);
  else
    vector_set(v, size, EDX, high);
}

static const struct instruction multiplications[] = {
    {"mul", {0xf6}, 1, 4, RM, ALL, 0, 0, ARITHMETIC, SF | ZF | AF | PF, prepare_accumulator, 0},
    {"imul", {0xf6}, 1, 5, RM, ALL, 0, 0, ARITHMETIC, SF | ZF | AF | PF, prepare_accumulator, 0},
    {"imul", {0x0f, 0xaf}, 2, -1, R_RM, WIDE, 0, 0, ARITHMETIC, SF | ZF | AF | PF, 0, 0},
    {"imul", {0x69}, 1, -1, R_RM_I, WIDE, 0, 0, ARITHMETIC, SF | ZF | AF | PF, 0, 0},
    {"imul", {0x6b}, 1, -1, R_RM_I8, WIDE, 0, 0, ARITHMETIC, SF | ZF | AF | PF, 0, 0},
    {"div", {0xf6}, 1, 6, RM, ALL, 0, 0, ARITHMETIC, ARITHMETIC, prepare_dividend, 0},
    {"idiv", {0xf6}, 1, 7, RM, ALL, 0, 0, ARITHMETIC, ARITHMETIC, prepare_dividend, 0},
};

// ---- Data movement
const uint32_t condition_flags[8] = {OF, CF, ZF, CF | ZF, SF, PF, SF | OF, ZF | SF | OF};

#define CMOV(name, n) \
  {"cmov" name, {0x0f, 0x40 + n}, 2, -1, R_RM, WIDE, 0, 0, 0, 0, 0, judge_condition}
#define SET(name, n) \
  {"set" name, {0x0f, 0x90 + n}, 2, 0, RM8, DWORD, WRITES, 0, 0, 0, 0, judge_condition}
#define EACH_CONDITION(X)                                                                                            \
  X("o", 0), X("no", 1), X("b", 2), X("nb", 3), X("z", 4), X("nz", 5), X("be", 6), X("nbe", 7), X("s", 8), X("ns", 9), \
      X("p", 10), X("np", 11), X("l", 12), X("nl", 13), X("le", 14), X("nle", 15)

static int judge_condition(const struct vector *v, struct choice *c) {
  return !(condition_flags[c->instruction->opcode[1] >> 1 & 7] & v->undefined);
}

// Equal to the accumulator half of the time.
static void prepare_compare_exchange(struct vector *v, int size) {
  vector_set(v, size, EAX, one_in(2) ? v->before.general[EAX] : operand_value());
}

static void prepare_compare_exchange8(struct vector *v, int size) {
  (void)size;
  for (int i = EAX; i <= EBX; i++) vector_set(v, 4, i, one_in(2) ? 0 : operand_value());
}

static const struct instruction moves[] = {
    {"mov", {0x88}, 1, -1, RM_R, ALL, WRITES, 0, 0, 0, 0, 0},
    {"mov", {0x8a}, 1, -1, R_RM, ALL, 0, 0, 0, 0, 0, 0},
    {"mov", {0xc6}, 1, 0, RM_I, ALL, WRITES, 0, 0, 0, 0, 0},
    {"mov", {0xb0}, 1, -1, OPCODE_R_I, ALL, 0, 0, 0, 0, 0, 0},
    {"mov", {0xa0}, 1, -1, A_MOFFS, ALL, 0, 0, 0, 0, 0, 0},
    {"mov", {0xa2}, 1, -1, A_MOFFS, ALL, WRITES, 0, 0, 0, 0, 0},
    {"movzx", {0x0f, 0xb6}, 2, -1, R_RM8, WIDE, 0, 0, 0, 0, 0, 0},
    {"movzx", {0x0f, 0xb7}, 2, -1, R_RM16, WIDE, 0, 0, 0, 0, 0, 0},
    {"movsx", {0x0f, 0xbe}, 2, -1, R_RM8, WIDE, 0, 0, 0, 0, 0, 0},
    {"movsx", {0x0f, 0xbf}, 2, -1, R_RM16, WIDE, 0, 0, 0, 0, 0, 0},
    {"lea", {0x8d}, 1, -1, R_M, WIDE, MEMORY_ONLY, 0, 0, 0, 0, 0},
    {"xchg", {0x86}, 1, -1, RM_R, ALL, WRITES | LOCKABLE | LOCKED, 0, 0, 0, 0, 0},
    {"xchg eax/ax,", {0x90}, 1, -1, OPCODE_R, WIDE, 0, 0, 0, 0, 0, 0},
    {"cmpxchg", {0x0f, 0xb0}, 2, -1, RM_R, ALL, RMW, 0, ARITHMETIC, 0, prepare_compare_exchange, 0},
    {"cmpxchg8b", {0x0f, 0xc7}, 2, 1, M64, DWORD, RMW | MEMORY_ONLY, 0, ZF, 0, prepare_compare_exchange8, 0},
    {"xadd", {0x0f, 0xc0}, 2, -1, RM_R, ALL, RMW, 0, ARITHMETIC, 0, 0, 0},
    {"bswap", {0x0f, 0xc8}, 2, -1, OPCODE_R, DWORD, 0, 0, 0, 0, 0, 0},
    {"cbw/cwde", {0x98}, 1, -1, NONE, WIDE, 0, 0, 0, 0, 0, 0},
    {"cwd/cdq", {0x99}, 1, -1, NONE, WIDE, 0, 0, 0, 0, 0, 0},
    {"lahf", {0x9f}, 1, -1, NONE, DWORD, 0, ARITHMETIC & ~OF, 0, 0, 0, 0},
    {"sahf", {0x9e}, 1, -1, NONE, DWORD, 0, 0, ARITHMETIC & ~OF, 0, 0, 0},
    {"clc", {0xf8}, 1, -1, NONE, DWORD, 0, 0, CF, 0, 0, 0},
    {"stc", {0xf9}, 1, -1, NONE, DWORD, 0, 0, CF, 0, 0, 0},
    {"cmc", {0xf5}, 1, -1, NONE, DWORD, 0, CF, CF, 0, 0, 0},
    {"cld", {0xfc}, 1, -1, NONE, DWORD, 0, 0, DF, 0, 0, 0},
    {"std", {0xfd}, 1, -1, NONE, DWORD, 0, 0, DF, 0, 0, 0},
    {"nop", {0x0f, 0x1f}, 2, 0, RM, WIDE, 0, 0, 0, 0, 0, 0},
    EACH_CONDITION(CMOV),
    EACH_CONDITION(SET),
};

// ---- Bits. BSF and BSR of zero leave the destination as it was: AMD documents it, Intel's processors do the same.
#define BIT_TEST(name, n, extra)                                                                                  \
  {name, {0x0f, 0x83 | n << 3}, 2, -1, RM_R, WIDE, BIT_OFFSET | extra, 0, ARITHMETIC & ~ZF, SF | AF | PF | OF, 0, 0}, \
      {name, {0x0f, 0xba}, 2, n, RM_I8, WIDE, extra, 0, ARITHMETIC & ~ZF, SF | AF | PF | OF, 0, 0}

static const struct instruction bits[] = {
    BIT_TEST("bt", 4, 0),
    BIT_TEST("bts", 5, RMW),
    BIT_TEST("btr", 6, RMW),
    BIT_TEST("btc", 7, RMW),
    {"bsf", {0x0f, 0xbc}, 2, -1, R_RM, WIDE, 0, 0, ARITHMETIC, ARITHMETIC & ~ZF, 0, 0},
    {"bsr", {0x0f, 0xbd}, 2, -1, R_RM, WIDE, 0, 0, ARITHMETIC, ARITHMETIC & ~ZF, 0, 0},
};

// ---- Decimal adjustment
static const struct instruction decimal[] = {
    {"daa", {0x27}, 1, -1, NONE, DWORD, 0, CF | AF, ARITHMETIC, OF, prepare_accumulator, 0},
    {"das", {0x2f}, 1, -1, NONE, DWORD, 0, CF | AF, ARITHMETIC, OF, prepare_accumulator, 0},
    {"aaa", {0x37}, 1, -1, NONE, DWORD, 0, AF, ARITHMETIC, OF | SF | ZF | PF, prepare_accumulator, 0},
    {"aas", {0x3f}, 1, -1, NONE, DWORD, 0, AF, ARITHMETIC, OF | SF | ZF | PF, prepare_accumulator, 0},
    {"aam", {0xd4}, 1, -1, I8, DWORD, 0, 0, ARITHMETIC, OF | AF | CF, prepare_accumulator, 0},
    {"aad", {0xd5}, 1, -1, I8, DWORD, 0, 0, ARITHMETIC, OF | AF | CF, prepare_accumulator, 0},
};

const struct instruction_table arithmetic_table = TABLE(arithmetic), shift_table = TABLE(shifts),
                               multiply_table = TABLE(multiplications), move_table = TABLE(moves), bit_table = TABLE(bits),
                               decimal_table = TABLE(decimal);

int add_from(struct vector *v, const struct instruction_table *table) {
  return instruction_add(v, &table->instructions[below(table->count)]);
}

static int make_arithmetic(struct vector *v) { return add_from(v, &arithmetic_table); }
static int make_shift(struct vector *v) { return add_from(v, &shift_table); }
static int make_multiply(struct vector *v) { return add_from(v, &multiply_table); }
static int make_move(struct vector *v) { return add_from(v, &move_table); }
static int make_bit(struct vector *v) { return add_from(v, &bit_table); }
static int make_decimal(struct vector *v) { return add_from(v, &decimal_table); }

static const struct group groups[] = {
    {"arithmetic", 9000, 0, make_arithmetic, 0}, {"shift", 5000, 0, make_shift, 0}, {"multiply", 3500, 0, make_multiply, 0},
    {"move", 7000, 0, make_move, 0},             {"bit", 3000, 0, make_bit, 0},     {"decimal", 1500, 0, make_decimal, 0},
};
const struct group_list integer_groups = TABLE(groups);
