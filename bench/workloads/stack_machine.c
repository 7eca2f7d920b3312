// An interpreter of bytecode as most are written: bytes, a switch with its bounds checked, frames for calls on the stack that
// operands are on. Its program counts the ways to place queens, by recursion and arrays.
#include "workload.h"

enum { QUEENS = 8, REPEATS = 60, STACK = 4096, GLOBALS = 64 };

enum operation { PUSH, LOCAL, SET_LOCAL, AT, SET_AT, ADD, SUBTRACT, EQUAL, LESS, JUMP, JUMP_UNLESS, CALL, RETURN, DROP, HALT };

static unsigned char code[512];
static uint32_t here;

static uint32_t put(enum operation operation, unsigned char operand) {
  code[here] = operation;
  code[here + 1] = operand;
  here += 2;
  return here - 1;
}

// safe(row, column): does no queen of the rows before stand in this column or on its diagonals? global[r] is the column of row r.
static void assemble_safe(void) {
  put(PUSH, 0), put(SET_LOCAL, 2);  // other row
  uint32_t next = here;
  put(LOCAL, 2), put(LOCAL, 0), put(LESS, 0);
  uint32_t all_looked_at = put(JUMP_UNLESS, 0);
  put(LOCAL, 2), put(AT, 0), put(LOCAL, 1), put(EQUAL, 0);
  uint32_t other_column = put(JUMP_UNLESS, 0);
  put(PUSH, 0), put(RETURN, 2);
  code[other_column] = here;
  put(LOCAL, 2), put(AT, 0), put(LOCAL, 2), put(ADD, 0), put(LOCAL, 0), put(LOCAL, 1), put(ADD, 0), put(EQUAL, 0);
  uint32_t other_sum = put(JUMP_UNLESS, 0);
  put(PUSH, 0), put(RETURN, 2);
  code[other_sum] = here;
  put(LOCAL, 2), put(AT, 0), put(LOCAL, 2), put(SUBTRACT, 0), put(LOCAL, 1), put(LOCAL, 0), put(SUBTRACT, 0), put(EQUAL, 0);
  uint32_t other_difference = put(JUMP_UNLESS, 0);
  put(PUSH, 0), put(RETURN, 2);
  code[other_difference] = here;
  put(LOCAL, 2), put(PUSH, 1), put(ADD, 0), put(SET_LOCAL, 2), put(JUMP, next);
  code[all_looked_at] = here;
  put(PUSH, 1), put(RETURN, 2);
}

// place(row): the ways to place queens from this row on.
static uint32_t assemble_place(uint32_t safe) {
  uint32_t entry = here;
  put(LOCAL, 0), put(PUSH, QUEENS), put(LESS, 0);
  uint32_t complete = put(JUMP_UNLESS, 0);
  put(PUSH, 0), put(SET_LOCAL, 1);  // column
  put(PUSH, 0), put(SET_LOCAL, 2);  // ways
  uint32_t next = here;
  put(LOCAL, 1), put(PUSH, QUEENS), put(LESS, 0);
  uint32_t done = put(JUMP_UNLESS, 0);
  put(LOCAL, 0), put(LOCAL, 1), put(CALL, safe);
  uint32_t unsafe = put(JUMP_UNLESS, 0);
  put(LOCAL, 1), put(LOCAL, 0), put(SET_AT, 0);
  put(LOCAL, 2), put(LOCAL, 0), put(PUSH, 1), put(ADD, 0), put(PUSH, 0), put(CALL, entry), put(ADD, 0), put(SET_LOCAL, 2);
  code[unsafe] = here;
  put(LOCAL, 1), put(PUSH, 1), put(ADD, 0), put(SET_LOCAL, 1), put(JUMP, next);
  code[done] = here;
  put(LOCAL, 2), put(RETURN, 2);
  code[complete] = here;
  put(PUSH, 1), put(RETURN, 2);
  return entry;
}

static uint32_t start;

static void prepare(void) {
  here = 0;
  assemble_safe();
  uint32_t place = assemble_place(0);
  start = here;
  put(PUSH, 0), put(PUSH, 0), put(CALL, place), put(HALT, 0);
}

struct machine {
  int32_t stack[STACK];
  int32_t globals[GLOBALS];
  uint32_t at, top, frame;
};

// A call takes two arguments as locals 0 and 1, and has one local more. Below them lie the caller's frame and place.
static int32_t execute(struct machine *m) {
  for (;;) {
    unsigned char operation = code[m->at], operand = code[m->at + 1];
    m->at += 2;
    switch (operation) {
      case PUSH: m->stack[m->top++] = operand; break;
      case LOCAL: m->stack[m->top++] = m->stack[m->frame + operand]; break;
      case SET_LOCAL: m->stack[m->frame + operand] = m->stack[--m->top]; break;
      case AT: m->stack[m->top - 1] = m->globals[m->stack[m->top - 1] % GLOBALS]; break;
      case SET_AT: m->top -= 2; m->globals[m->stack[m->top + 1] % GLOBALS] = m->stack[m->top]; break;
      case ADD: m->top--; m->stack[m->top - 1] += m->stack[m->top]; break;
      case SUBTRACT: m->top--; m->stack[m->top - 1] -= m->stack[m->top]; break;
      case EQUAL: m->top--; m->stack[m->top - 1] = m->stack[m->top - 1] == m->stack[m->top]; break;
      case LESS: m->top--; m->stack[m->top - 1] = m->stack[m->top - 1] < m->stack[m->top]; break;
      case JUMP: m->at = operand; break;
      case JUMP_UNLESS: if (!m->stack[--m->top]) m->at = operand; break;
      case CALL:
        m->stack[m->top + 1] = m->frame;
        m->stack[m->top + 2] = m->at;
        m->frame = m->top - 2;
        m->top += 3;
        m->at = operand;
        break;
      case RETURN: {
        int32_t result = m->stack[m->top - 1];
        uint32_t frame = m->frame;
        m->at = m->stack[frame + 4];
        m->frame = m->stack[frame + 3];
        m->stack[frame] = result;
        m->top = frame + 1;
        break;
      }
      case DROP: m->top--; break;
      case HALT: return m->stack[m->top - 1];
      default: fail("the bytecode");
    }
    if (m->top > STACK - 8) fail("the stack");
  }
}

static uint32_t run(void) {
  static struct machine machine;
  uint32_t hash = FNV_START;
  for (int i = 0; i < REPEATS; i++) {
    machine = (struct machine){.at = start};
    hash = mix(hash, execute(&machine));
  }
  return hash;
}

const struct workload stack_machine = {.name = "stack-machine", .prepare = prepare, .run = run};
