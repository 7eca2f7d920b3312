// Encoding one instruction from its table entry.
#include "instruction.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "random.h"

static const char *const registers[3][8] = {{"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"},
                                            {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"},
                                            {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}};
static const char *const widths[3] = {"byte", "word", "dword"};

static const char *register_name(int size, int n) { return registers[size >> 1][n]; }

void code_append(struct vector *v, uint32_t value, int size) {
  memcpy(v->code + v->code_size, &value, size);
  v->code_size += size;
}

void name_append(struct vector *v, const char *format, ...) {
  size_t used = strlen(v->name);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(v->name + used, sizeof v->name - used, format, arguments);
  va_end(arguments);
}

static int has_reg_field(enum operands o) {
  switch (o) {
    case RM_R:
    case R_RM:
    case RM_R_I8:
    case RM_R_CL:
    case R_RM_I:
    case R_RM_I8:
    case R_RM8:
    case R_RM16:
    case R_M:
      return 1;
    default:
      return 0;
  }
}

static int has_modrm(enum operands o) {
  return o != NONE && o != A_I && o != OPCODE_R && o != OPCODE_R_I && o != A_MOFFS && o != I && o != I8;
}

static int immediate_size(enum operands o, int size) {
  switch (o) {
    case RM_I:
    case R_RM_I:
    case A_I:
    case I:
    case OPCODE_R_I:
      return size;
    case RM_I8:
    case RM_R_I8:
    case R_RM_I8:
    case I8:
      return 1;
    default:
      return 0;
  }
}

static int choose_size(int sizes) {
  for (;;) {
    int size = 1 << below(3);
    if (size & sizes) return size;
  }
}

// A register number for an operand; ESP is rare because it makes the stack useless for what follows.
static int choose_register(const struct vector *v, int size) {
  int n = below(8);
  if (size > 1 && n == ESP && (v->in_block || !one_in(8))) n = EDI;
  return n;
}

// Chooses memory for the r/m operand. A bit offset in a register moves it: the address is then chosen for the moved operand.
static void choose_memory(struct vector *v, const struct choice *c, int rm_size, int reg, struct operand_address *a) {
  const struct instruction *i = c->instruction;
  int place = READ | (i->traits & WRITES ? WRITE : 0) | (v->in_block && !one_in(20) ? NO_FAULT : 0);
  // A locked access over two cache lines is possible, but operating systems punish it.
  if (c->lock || i->traits & LOCKED) place |= SAME_LINE;
  if (i->traits & BIT_OFFSET && i->operands == RM_R) {
    int32_t offset = c->size == 2 ? (int16_t)v->now.general[reg] : (int32_t)v->now.general[reg];
    if (!v->in_block) {
      offset = one_in(8) ? (int32_t)operand_value() : (int32_t)below(4096) - 2048;
      vector_set(v, c->size, reg, offset);
      if (c->size == 2) offset = (int16_t)offset;
    }
    uint32_t moved = choose_linear(DATA_BASE, DATA_SIZE, c->size, place);
    memset(a, 0, sizeof *a);
    // One form suffices: [disp32], the interest is in the offset.
    a->bytes[0] = 5;
    a->linear = moved - (offset >> (c->size == 2 ? 4 : 5)) * c->size;
    memcpy(a->bytes + 1, &a->linear, 4);
    a->size = 5;
    sprintf(a->text, "[0x%x]", a->linear);
    return;
  }
  if (i->operands == R_M) place |= NO_FAULT;
  choose_address(v, rm_size, place, a);
  if (!one_in(3) && rm_size <= 4) {
    uint32_t value = operand_value();
    vector_memory(v, a->linear, &value, rm_size);
  }
}

static void append_name(struct vector *v, const struct choice *c, int reg, const char *rm) {
  const struct instruction *i = c->instruction;
  int size_unseen = c->size == 2 && (i->operands == NONE || i->operands == I || i->operands == I8);
  name_append(v, "%s%s%s%s", v->instructions ? "; " : "", c->lock ? "lock " : "", size_unseen ? "o16 " : "", i->mnemonic);
  const char *r = register_name(c->size, reg);
  switch (i->operands) {
    case NONE:
      break;
    case RM:
    case RM8:
    case M64:
      name_append(v, " %s", rm);
      break;
    case RM_R:
      name_append(v, " %s, %s", rm, r);
      break;
    case R_RM:
    case R_RM8:
    case R_RM16:
    case R_M:
      name_append(v, " %s, %s", r, rm);
      break;
    case RM_I:
    case RM_I8:
      name_append(v, " %s, 0x%x", rm, c->immediate);
      break;
    case RM_1:
      name_append(v, " %s, 1", rm);
      break;
    case RM_CL:
      name_append(v, " %s, cl", rm);
      break;
    case RM_R_I8:
      name_append(v, " %s, %s, 0x%x", rm, r, c->immediate);
      break;
    case RM_R_CL:
      name_append(v, " %s, %s, cl", rm, r);
      break;
    case R_RM_I:
    case R_RM_I8:
      name_append(v, " %s, %s, 0x%x", r, rm, c->immediate);
      break;
    case OPCODE_R:
      name_append(v, " %s", r);
      break;
    case OPCODE_R_I:
      name_append(v, " %s, 0x%x", r, c->immediate);
      break;
    case A_I:
      name_append(v, " %s, 0x%x", register_name(c->size, EAX), c->immediate);
      break;
    case A_MOFFS:
      if (i->traits & WRITES)
        name_append(v, " %s, %s", rm, register_name(c->size, EAX));
      else
        name_append(v, " %s, %s", register_name(c->size, EAX), rm);
      break;
    case I:
    case I8:
      name_append(v, " 0x%x", c->immediate);
      break;
  }
}

// Bytes of the r/m operand.
static int rm_operand_size(enum operands o, int size) {
  switch (o) {
    case R_RM8:
    case RM8:
      return 1;
    case R_RM16:
      return 2;
    case M64:
      return 8;
    default:
      return size;
  }
}

// Chooses the register operand and, unless an implicit operand is in it, its value.
static int choose_reg_operand(struct vector *v, int size) {
  int implicit = v->claimed, reg = choose_register(v, size);
  for (int tries = 0; size > 1 && implicit >> reg & 1 && tries < 20; tries++) reg = choose_register(v, size);
  if (implicit >> (size == 1 ? reg & 3 : reg) & 1) return reg;
  vector_set(v, size, reg, operand_value());
  // Now and then the same register may serve in the address.
  if (one_in(6)) v->claimed = implicit;
  return reg;
}

// Chooses the r/m operand (or the offset of MOV to and from the accumulator) and writes its text.
static void choose_rm(struct vector *v, const struct choice *c, int memory, int reg, struct operand_address *a, char *text) {
  const struct instruction *i = c->instruction;
  int size = rm_operand_size(i->operands, c->size);
  if (i->operands == A_MOFFS) {
    int place = READ | (i->traits & WRITES ? WRITE : 0) | (v->in_block ? NO_FAULT : 0);
    a->linear = choose_linear(DATA_BASE, DATA_SIZE, size, place);
    memcpy(a->bytes, &a->linear, 4);
    a->size = 4;
    sprintf(text, "%s [0x%x]", widths[size >> 1], a->linear);
  } else if (memory) {
    choose_memory(v, c, size, reg, a);
    sprintf(text, "%s %s", size <= 4 ? widths[size >> 1] : "qword", a->text);
  } else {
    int rm = choose_register(v, size);
    if (!(v->claimed >> (size == 1 ? rm & 3 : rm) & 1)) vector_set(v, size, rm, operand_value());
    a->bytes[0] = 0xc0 | rm;
    a->size = 1;
    strcpy(text, register_name(size, rm));
  }
}

// LOCK: often where it may stand, now and then where it is #UD.
static int choose_lock(const struct instruction *i, int memory) {
  if (!has_modrm(i->operands)) return 0;
  return i->traits & LOCKABLE && memory ? one_in(8) : one_in(80);
}

static void encode(struct vector *v, const struct choice *c, int reg, const struct operand_address *a) {
  const struct instruction *i = c->instruction;
  if (c->lock) code_append(v, 0xf0, 1);
  if (a->segment) code_append(v, a->segment, 1);
  if (c->size == 2) code_append(v, 0x66, 1);
  if (a->address_size) code_append(v, a->address_size, 1);
  memcpy(v->code + v->code_size, i->opcode, i->opcode_size);
  v->code_size += i->opcode_size;
  uint8_t *last = &v->code[v->code_size - 1];
  if (i->sizes & BYTE && c->size > 1) *last |= i->operands == OPCODE_R_I ? 8 : 1;
  if (i->operands == OPCODE_R || i->operands == OPCODE_R_I) *last |= reg;
  memcpy(v->code + v->code_size, a->bytes, a->size);
  v->code_size += a->size;
  code_append(v, c->immediate, immediate_size(i->operands, c->size));
}

int instruction_add(struct vector *v, const struct instruction *i) {
  if (v->code_size + 16 > MAX_CODE || i->reads & v->undefined) return 0;
  if (v->in_block && i->traits & SINGLE) return 0;
  v->claimed = 0;
  struct choice c = {.instruction = i, .size = choose_size(i->sizes), .writes = i->writes, .undefined = i->undefined};
  if (i->prepare && !v->in_block) i->prepare(v, c.size);

  int reg = choose_reg_operand(v, c.size);
  int memory = i->traits & MEMORY_ONLY || one_in(2);
  c.lock = choose_lock(i, memory);
  struct operand_address a = {0};
  char rm_text[80] = "";
  if (has_modrm(i->operands) || i->operands == A_MOFFS) choose_rm(v, &c, memory, reg, &a, rm_text);
  if (has_modrm(i->operands)) a.bytes[0] |= (has_reg_field(i->operands) ? reg : i->digit) << 3;
  int immediate_bytes = immediate_size(i->operands, c.size);
  if (immediate_bytes) c.immediate = operand_value() & (0xffffffffu >> (32 - 8 * immediate_bytes));
  if (i->judge && !i->judge(v, &c)) return 0;

  append_name(v, &c, reg, rm_text);
  encode(v, &c, reg, &a);
  v->instructions++;
  v->undefined_before = v->undefined;
  v->undefined = (v->undefined & ~c.writes) | c.undefined;
  return 1;
}
