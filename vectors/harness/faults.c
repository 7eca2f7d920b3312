// Instructions that trap or fault by themselves: BOUND, INT3, INTO, INT n through gates that user code may not use, what is
// privileged, and encodings that are undefined on every processor.
#include "groups.h"
#include "random.h"

static int make_bound(struct vector *v) {
  int size = one_in(3) ? 2 : 4, reg = below(8);
  int32_t bounds[2] = {(int32_t)operand_value() / 2, (int32_t)operand_value() / 2};
  int16_t bounds16[2] = {bounds[0], bounds[1]};
  vector_set(v, 4, reg, one_in(3) ? (uint32_t)bounds[below(2)] : operand_value());
  struct operand_address a;
  choose_address(v, 2 * size, READ, &a);
  vector_memory(v, a.linear, size == 2 ? (void *)bounds16 : (void *)bounds, 2 * size);
  if (a.segment) code_append(v, a.segment, 1);
  if (size == 2) code_append(v, 0x66, 1);
  if (a.address_size) code_append(v, a.address_size, 1);
  code_append(v, 0x62, 1);
  a.bytes[0] |= reg << 3;
  for (int i = 0; i < a.size; i++) code_append(v, a.bytes[i], 1);
  name_append(v, "%sbound register %d, %s", size == 2 ? "o16 " : "", reg, a.text);
  return 1;
}

// Fixed code that needs no operands but the registers it starts with.
static const struct {
  const char *name;
  uint8_t size, code[7];
} fixed[] = {
    {"int3", 1, {0xcc}},
    {"into", 1, {0xce}},
    {"into", 1, {0xce}},
    {"int 3", 2, {0xcd, 0x03}},
    {"int 4", 2, {0xcd, 0x04}},
    {"int 0x00", 2, {0xcd, 0x00}},
    {"int 0x0d", 2, {0xcd, 0x0d}},
    {"int 0x20", 2, {0xcd, 0x20}},
    {"hlt", 1, {0xf4}},
    {"cli", 1, {0xfa}},
    {"sti", 1, {0xfb}},
    {"in al, 0x60", 2, {0xe4, 0x60}},
    {"in eax, 0x60", 2, {0xe5, 0x60}},
    {"out 0x60, al", 2, {0xe6, 0x60}},
    {"out 0x60, ax", 3, {0x66, 0xe7, 0x60}},
    {"in al, dx", 1, {0xec}},
    {"out dx, eax", 1, {0xef}},
    {"insb", 1, {0x6c}},
    {"outsd", 1, {0x6f}},
    {"clts", 2, {0x0f, 0x06}},
    {"invd", 2, {0x0f, 0x08}},
    {"wbinvd", 2, {0x0f, 0x09}},
    {"rdmsr", 2, {0x0f, 0x32}},
    {"wrmsr", 2, {0x0f, 0x30}},
    {"mov eax, cr0", 3, {0x0f, 0x20, 0xc0}},
    {"mov cr3, eax", 3, {0x0f, 0x22, 0xd8}},
    {"mov eax, dr7", 3, {0x0f, 0x21, 0xf8}},
    {"mov dr0, eax", 3, {0x0f, 0x23, 0xc0}},
    {"lgdt [0x500100]", 7, {0x0f, 0x01, 0x15, 0x00, 0x01, 0x50, 0x00}},
    {"lidt [0x500100]", 7, {0x0f, 0x01, 0x1d, 0x00, 0x01, 0x50, 0x00}},
    {"invlpg [0x500100]", 7, {0x0f, 0x01, 0x3d, 0x00, 0x01, 0x50, 0x00}},
    {"lmsw ax", 3, {0x0f, 0x01, 0xf0}},
    {"lldt ax", 3, {0x0f, 0x00, 0xd0}},
    {"ltr ax", 3, {0x0f, 0x00, 0xd8}},
    {"ud2", 2, {0x0f, 0x0b}},
    {"undefined 0f ff", 3, {0x0f, 0xff, 0xc0}},
    {"undefined fe /2", 2, {0xfe, 0xd0}},
    {"undefined fe /7", 2, {0xfe, 0xf8}},
    {"undefined ff /7", 2, {0xff, 0xf8}},
    {"call far register", 2, {0xff, 0xd8}},
    {"jmp far register", 2, {0xff, 0xe8}},
    {"lea eax, eax", 2, {0x8d, 0xc0}},
    {"cmpxchg8b eax", 3, {0x0f, 0xc7, 0xc8}},
    {"undefined c6 /1", 3, {0xc6, 0xc8, 0x00}},
    {"undefined 0f ba /0", 4, {0x0f, 0xba, 0xc0, 0x01}},
    {"undefined 0f 00 /6", 3, {0x0f, 0x00, 0xf0}},
    {"mov cr1, eax", 3, {0x0f, 0x22, 0xc8}},
    {"mov cs, ax", 2, {0x8e, 0xc8}},
    {"lock nop", 2, {0xf0, 0x90}},
    {"lock inc eax", 3, {0xf0, 0xff, 0xc0}},
};

static int make_fixed(struct vector *v) {
  int n = below(sizeof fixed / sizeof *fixed);
  for (int i = 0; i < fixed[n].size; i++) code_append(v, fixed[n].code[i], 1);
  name_append(v, "%s", fixed[n].name);
  return 1;
}

static int make_fault(struct vector *v) {
  int made = one_in(3) ? make_bound(v) : make_fixed(v);
  v->instructions = 1;
  return made;
}

static const struct group groups[] = {{"fault", 1200, 0, make_fault, 0}};
const struct group_list fault_groups = TABLE(groups);
