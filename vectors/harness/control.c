// Control transfers: conditional jumps, loops, near jumps. Targets lie in the code pages, where an INT3 waits.
#include "groups.h"
#include "random.h"

const char *const condition_names[16] = {"o", "no", "b", "nb", "z", "nz", "be", "nbe",
                                         "s", "ns", "p", "np", "l", "nl", "le", "nle"};

// Displacements that stay within the code pages. Not into the jump itself, which would run for ever, and not 0: the target
// must differ from the INT3 that shows that the jump was not taken.
static int32_t near_displacement(void) { return one_in(2) ? 0x40 + (int32_t)below(0x1000) : -0x40 - (int32_t)below(0x700); }
static int32_t short_displacement(void) {
  int32_t displacement = (int8_t)random_u32();
  return displacement > -16 && displacement <= 0 ? 5 : displacement;
}

static int make_jcc(struct vector *v) {
  int condition = below(16);
  int near = one_in(3);
  int32_t displacement = near ? near_displacement() : short_displacement();
  // Taken hints and segment prefixes are ignored.
  if (one_in(20)) code_append(v, one_in(2) ? 0x2e : 0x3e, 1);
  if (near) {
    code_append(v, 0x0f, 1);
    code_append(v, 0x80 | condition, 1);
    code_append(v, displacement, 4);
  } else {
    code_append(v, 0x70 | condition, 1);
    code_append(v, displacement, 1);
  }
  v->instructions = 1;
  name_append(v, "j%s %+d", condition_names[condition], displacement);
  return 1;
}

static int make_loop(struct vector *v) {
  static const char *const names[4] = {"loopne", "loope", "loop", "jecxz"};
  static const uint32_t counts[] = {0, 1, 2, 0x10000, 0x10001, 0xffff0000, 0xffffffff, 0x80000000};
  int which = below(4);
  int32_t displacement = short_displacement();
  vector_set(v, 4, ECX, one_in(4) ? random_u32() : counts[below(8)]);
  int address16 = one_in(4);
  if (address16) code_append(v, 0x67, 1);
  code_append(v, 0xe0 | which, 1);
  code_append(v, displacement, 1);
  v->instructions = 1;
  name_append(v, "%s%s %+d", address16 ? "a16 " : "", names[which], displacement);
  return 1;
}

static int make_jump(struct vector *v) {
  uint32_t target = CODE_START + near_displacement();
  switch (below(3)) {
    case 0: {
      int32_t displacement = short_displacement();
      code_append(v, 0xeb, 1);
      code_append(v, displacement, 1);
      name_append(v, "jmp short %+d", displacement);
      break;
    }
    case 1:
      code_append(v, 0xe9, 1);
      code_append(v, target - CODE_START - 5, 4);
      name_append(v, "jmp near 0x%x", target);
      break;
    default: {
      int reg = below(8);
      vector_set(v, 4, reg, target);
      code_append(v, 0xff, 1);
      if (one_in(2)) {
        code_append(v, 0xe0 | reg, 1);
        name_append(v, "jmp register %d", reg);
        break;
      }
      struct operand_address a;
      choose_address(v, 4, READ, &a);
      v->code_size = 0;
      vector_memory(v, a.linear, &target, 4);
      if (a.segment) code_append(v, a.segment, 1);
      if (a.address_size) code_append(v, a.address_size, 1);
      code_append(v, 0xff, 1);
      a.bytes[0] |= 4 << 3;
      for (int i = 0; i < a.size; i++) code_append(v, a.bytes[i], 1);
      name_append(v, "jmp %s", a.text);
    }
  }
  v->instructions = 1;
  return 1;
}

static int make_control(struct vector *v) {
  switch (below(5)) {
    case 0:
      return make_loop(v);
    case 1:
      return make_jump(v);
    default:
      return make_jcc(v);
  }
}

static const struct group groups[] = {{"jump", 3000, 0, make_control, 0}};
const struct group_list control_groups = TABLE(groups);
