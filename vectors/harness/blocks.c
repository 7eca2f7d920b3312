// Blocks of three to eight instructions of all kinds, some of them jumped over. Each step is run on the CPU before the next
// one is chosen, so that its addresses can be made from the values that the registers have by then.
#include "execute.h"
#include "random.h"
#include "simd.h"

static int add_integer(struct vector *v) {
  static const struct {
    const struct instruction_table *table;
    int weight;
  } mix[] = {{&arithmetic_table, 10}, {&move_table, 10}, {&shift_table, 5}, {&multiply_table, 2},
             {&bit_table, 2},         {&stack_table, 4}, {&decimal_table, 1}};
  int n = below(34);
  for (unsigned i = 0; i < sizeof mix / sizeof *mix; i++) {
    if (n < mix[i].weight) return add_from(v, mix[i].table);
    n -= mix[i].weight;
  }
  return 0;
}

static int add_simd(struct vector *v) {
  static const struct simd_table *const mix[] = {&mmx_table,         &sse_move_table, &sse_float_table, &sse_convert_table,
                                                 &sse_integer_table, &sse3_table,     &ssse3_table,     &sse4_table};
  return simd_add(v, mix[below(sizeof mix / sizeof *mix)]);
}

static int add_any(struct vector *v) {
  for (int tries = 0; tries < 50; tries++)
    if (v->simd && !one_in(3) ? add_simd(v) : add_integer(v)) return 1;
  return 0;
}

// Jcc over the instruction that follows it.
static int add_skip(struct vector *v) {
  int condition = below(16);
  if (condition_flags[condition >> 1] & v->undefined) return 0;
  name_append(v, "%sj%s over", v->instructions ? "; " : "", condition_names[condition]);
  code_append(v, 0x70 | condition, 1);
  // With displacement 1 the INT3 that is reached tells whether the jump was taken.
  code_append(v, 1, 1);
  int jump_end = v->code_size;
  v->instructions++;
  execute(v);
  int taken = v->after.eip != v->before.eip + jump_end;
  uint32_t undefined = v->undefined;
  if (!add_any(v)) return 0;
  v->code[jump_end - 1] = v->code_size - jump_end;
  if (taken) {
    v->undefined = undefined;
    v->instructions--;
  }
  return 1;
}

static int make_block(struct vector *v) {
  static struct vector saved;
  for (int i = 0; i < 8; i++)
    if (i != ESP && one_in(2)) vector_set(v, 4, i, operand_value());
  if (one_in(8)) v->before.eip = CODE_BASE + PAGE - below(24);
  v->now = v->before;
  v->in_block = 1;
  int length = 3 + below(6);
  for (int steps = 0; v->instructions < length && steps < 40; steps++) {
    saved = *v;
    if (!(one_in(8) ? add_skip(v) : add_any(v))) {
      *v = saved;
      continue;
    }
    execute(v);
    // A fault ends the block, and most blocks should end otherwise.
    if (v->exception >= 0 && one_in(4)) return v->instructions > 1;
    if (v->exception >= 0)
      *v = saved;
    else
      v->now = v->after;
  }
  return v->instructions >= 3;
}

static const struct group groups[] = {{"block", 8000, 0, make_block, 0}, {"block-simd", 6000, 1, make_block, 0}};
const struct group_list block_groups = TABLE(groups);
