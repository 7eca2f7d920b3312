// Stack instructions and near calls. ESP lies in the stack page, sometimes so near to its ends that the access faults.
#include <string.h>
#include "execute.h"
#include "groups.h"
#include "random.h"

static uint32_t stack_pointer(void) {
  if (one_in(12)) return STACK_BASE + below(8);
  if (one_in(12)) return STACK_BASE + PAGE - below(8);
  uint32_t pointer = STACK_BASE + 0x200 + below(0xc00);
  return one_in(4) ? pointer : pointer & ~3u;
}

static void prepare_stack(struct vector *v, int size) {
  (void)size;
  vector_set(v, 4, ESP, stack_pointer());
}

// LEAVE takes the stack pointer from EBP.
static void prepare_leave(struct vector *v, int size) {
  (void)size;
  vector_set(v, 4, EBP, stack_pointer());
}

// Flags for POPF to find: all that user code may try to change except TF and AC, which would disturb the harness.
static void prepare_popf(struct vector *v, int size) {
  uint32_t esp = STACK_BASE + 0x200 + below(0xc00);
  uint32_t flags = random_u32() & (ARITHMETIC | IF | DF | ID | NT | 0x3000 | 0x10000 | 0x2a);
  vector_set(v, 4, ESP, esp);
  vector_memory(v, esp, &flags, size);
}

static const struct instruction instructions[] = {
    {"push", {0x50}, 1, -1, OPCODE_R, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"push", {0x68}, 1, -1, I, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"push", {0x6a}, 1, -1, I8, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"push", {0xff}, 1, 6, RM, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"pop", {0x58}, 1, -1, OPCODE_R, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"pop", {0x8f}, 1, 0, RM, WIDE, WRITES | MEMORY_ONLY, 0, 0, 0, prepare_stack, 0},
    {"pusha", {0x60}, 1, -1, NONE, WIDE, 0, 0, 0, 0, prepare_stack, 0},
    {"popa", {0x61}, 1, -1, NONE, WIDE, SINGLE, 0, 0, 0, prepare_stack, 0},
    {"pushf", {0x9c}, 1, -1, NONE, WIDE, 0, ARITHMETIC, 0, 0, prepare_stack, 0},
    {"popf", {0x9d}, 1, -1, NONE, WIDE, SINGLE, 0, ARITHMETIC, 0, prepare_popf, 0},
    {"leave", {0xc9}, 1, -1, NONE, WIDE, SINGLE, 0, 0, 0, prepare_leave, 0},
};
const struct instruction_table stack_table = TABLE(instructions);

// ENTER bytes, level: copies level - 1 frame pointers from below EBP.
static int make_enter(struct vector *v) {
  int size = one_in(4) ? 2 : 4;
  uint32_t bytes = one_in(20) ? random_u32() & 0xffff : below(0x80), level = one_in(2) ? 0 : below(64);
  vector_set(v, 4, ESP, one_in(4) ? stack_pointer() : STACK_BASE + 0x800);
  vector_set(v, 4, EBP, STACK_BASE + 0x800 + below(0x700));
  if (size == 2) code_append(v, 0x66, 1);
  code_append(v, 0xc8, 1);
  code_append(v, bytes, 2);
  code_append(v, level, 1);
  name_append(v, "%senter 0x%x, 0x%x", size == 2 ? "o16 " : "", bytes, level);
  v->instructions = 1;
  return 1;
}

// PUSH, POP and CALL with a memory operand relative to ESP: POP computes the address after it has moved ESP.
static int make_via_esp(struct vector *v) {
  static const struct {
    const char *name;
    uint8_t opcode, digit;
  } forms[] = {{"push", 0xff, 6}, {"pop", 0x8f, 0}, {"call", 0xff, 2}};
  int form = below(3), size = form < 2 && one_in(3) ? 2 : 4;
  uint32_t esp = STACK_BASE + 0x200 + below(0xc00);
  int displacement = (int8_t)random_u32(), index = below(8), scale = below(4);
  vector_set(v, 4, ESP, esp);
  if (index != ESP) vector_set(v, 4, index, below(0x10));
  uint32_t scaled = index == ESP ? 0 : v->before.general[index] << scale;
  uint32_t value = form == 2 ? CODE_START + 0x100 + below(0x1000) : operand_value();
  vector_memory(v, esp + (form == 1 ? size : 0) + displacement + scaled, &value, size);
  if (size == 2) code_append(v, 0x66, 1);
  code_append(v, forms[form].opcode, 1);
  code_append(v, 0x44 | forms[form].digit << 3, 1);
  code_append(v, scale << 6 | index << 3 | ESP, 1);
  code_append(v, displacement, 1);
  static const char *const names[8] = {"+eax", "+ecx", "+edx", "+ebx", "", "+ebp", "+esi", "+edi"};
  const char *width = size == 2 ? "word" : "dword";
  name_append(v, "%s %s [esp%s*%d%+d]", forms[form].name, width, names[index], 1 << scale, displacement);
  v->instructions = 1;
  return 1;
}

static int make_call(struct vector *v) {
  uint32_t target = one_in(2) ? CODE_START + 0x100 + below(0x1000) : CODE_START - 0x100 - below(0x600);
  vector_set(v, 4, ESP, stack_pointer());
  if (one_in(2)) {
    code_append(v, 0xe8, 1);
    code_append(v, target - CODE_START - 5, 4);
    name_append(v, "call 0x%x", target);
  } else if (one_in(2)) {
    int reg = below(8);
    if (reg == ESP) reg = EBP;
    vector_set(v, 4, reg, target);
    code_append(v, 0xff, 1);
    code_append(v, 0xd0 | reg, 1);
    name_append(v, "call register %d", reg);
  } else {
    struct operand_address a;
    choose_address(v, 4, READ, &a);
    vector_memory(v, a.linear, &target, 4);
    if (a.segment) code_append(v, a.segment, 1);
    if (a.address_size) code_append(v, a.address_size, 1);
    code_append(v, 0xff, 1);
    a.bytes[0] |= 2 << 3;
    for (int i = 0; i < a.size; i++) code_append(v, a.bytes[i], 1);
    name_append(v, "call dword %s", a.text);
  }
  v->instructions = 1;
  return 1;
}

static int make_return(struct vector *v) {
  uint32_t esp = stack_pointer(), target = CODE_START + 0x100 + below(0x1000);
  vector_set(v, 4, ESP, esp);
  vector_memory(v, esp, &target, 4);
  if (one_in(2)) {
    code_append(v, 0xc3, 1);
    name_append(v, "ret");
  } else {
    uint32_t bytes = one_in(2) ? below(64) : random_u32() & 0xffff;
    code_append(v, 0xc2, 1);
    code_append(v, bytes, 2);
    name_append(v, "ret 0x%x", bytes);
  }
  v->instructions = 1;
  return 1;
}

static int make_stack(struct vector *v) {
  switch (below(8)) {
    case 0:
      return make_enter(v);
    case 1:
      return make_via_esp(v);
    case 2:
      return make_call(v);
    case 3:
      return make_return(v);
    default:
      return add_from(v, &stack_table);
  }
}

// How many pushes of PUSHA and ENTER reach memory before a fault is up to the processor; one that wrote some is left out.
static int keep_stack(const struct vector *v) {
  if (v->exception < 0) return 1;
  for (int i = 0; i < 3; i++) {
    const struct region *r = &writable_regions[i];
    if (memcmp((void *)r->address, r->before, r->size)) return 0;
  }
  return 1;
}

static const struct group groups[] = {{"stack", 4000, 0, make_stack, keep_stack}};
const struct group_list stack_groups = TABLE(groups);
