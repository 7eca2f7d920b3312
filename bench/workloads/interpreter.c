// An interpreter of bytecode for a stack machine, each operation jumping to the next through a table: indirect jumps that no
// processor or translator can foresee without looking. Its program finds the longest Collatz sequence below a bound.
#include "workload.h"

enum { BOUND = 160000, STACK = 16 };

enum operation { PUSH, LOAD, STORE, ADD, MULTIPLY, HALF, ODD, LESS, JUMP, JUMP_IF_ZERO, STOP };

enum variable { START, VALUE, LENGTH, LONGEST, VARIABLES };

static struct instruction {
  enum operation operation;
  uint32_t operand;
} code[64];
static uint32_t here;

static uint32_t emit(enum operation operation, uint32_t operand) {
  code[here] = (struct instruction){operation, operand};
  return here++;
}

static void prepare(void) {
  here = 0;
  emit(PUSH, 1), emit(STORE, START);
  uint32_t next_start = here;
  emit(LOAD, START), emit(STORE, VALUE);
  emit(PUSH, 1), emit(STORE, LENGTH);
  uint32_t step = here;
  emit(PUSH, 1), emit(LOAD, VALUE), emit(LESS, 0);
  uint32_t to_end = emit(JUMP_IF_ZERO, 0);
  emit(LOAD, VALUE), emit(ODD, 0);
  uint32_t to_even = emit(JUMP_IF_ZERO, 0);
  emit(LOAD, VALUE), emit(PUSH, 3), emit(MULTIPLY, 0), emit(PUSH, 1), emit(ADD, 0), emit(STORE, VALUE);
  uint32_t over_even = emit(JUMP, 0);
  code[to_even].operand = here;
  emit(LOAD, VALUE), emit(HALF, 0), emit(STORE, VALUE);
  code[over_even].operand = here;
  emit(LOAD, LENGTH), emit(PUSH, 1), emit(ADD, 0), emit(STORE, LENGTH);
  emit(JUMP, step);
  code[to_end].operand = here;
  emit(LOAD, LONGEST), emit(LOAD, LENGTH), emit(LESS, 0);
  uint32_t to_shorter = emit(JUMP_IF_ZERO, 0);
  emit(LOAD, LENGTH), emit(STORE, LONGEST);
  code[to_shorter].operand = here;
  emit(LOAD, START), emit(PUSH, 1), emit(ADD, 0), emit(STORE, START);
  emit(LOAD, START), emit(PUSH, BOUND), emit(LESS, 0);
  uint32_t to_stop = emit(JUMP_IF_ZERO, 0);
  emit(JUMP, next_start);
  code[to_stop].operand = here;
  emit(STOP, 0);
}

static uint32_t run(void) {
  static const void *const labels[] = {
      &&push, &&load, &&store, &&add, &&multiply, &&half, &&odd, &&less, &&jump, &&jump_if_zero, &&stop,
  };
  uint32_t stack[STACK], *top = stack, variables[VARIABLES] = {0};
  const struct instruction *at = code;
#define DISPATCH goto *labels[at->operation]
  DISPATCH;
push:
  *top++ = at++->operand;
  DISPATCH;
load:
  *top++ = variables[at++->operand];
  DISPATCH;
store:
  variables[at++->operand] = *--top;
  DISPATCH;
add:
  top--, top[-1] += top[0], at++;
  DISPATCH;
multiply:
  top--, top[-1] *= top[0], at++;
  DISPATCH;
half:
  top[-1] >>= 1, at++;
  DISPATCH;
odd:
  top[-1] &= 1, at++;
  DISPATCH;
less:
  top--, top[-1] = top[-1] < top[0], at++;
  DISPATCH;
jump:
  at = code + at->operand;
  DISPATCH;
jump_if_zero:
  at = *--top ? at + 1 : code + at->operand;
  DISPATCH;
stop:
  return variables[LONGEST];
#undef DISPATCH
}

const struct workload interpreter = {.name = "interpreter", .prepare = prepare, .run = run};
