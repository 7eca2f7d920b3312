/* The x87 state that an exception's handler finds, with eight registers in use: what faults has changed nothing. And C1 of the status
 * word after FCMOVcc, FCOMI and their neighbours, set before each. */

#include "program.h"

static const struct {
  const char *name;
  u8 size, code[4];
} images[] = {
    {"fnsave", 2, {0xdd, 0x37}},   {"frstor", 2, {0xdd, 0x27}},   {"o16 fnsave", 3, {0x66, 0xdd, 0x37}},
    {"o16 frstor", 3, {0x66, 0xdd, 0x27}}, {"fnstenv", 2, {0xd9, 0x37}}, {"fldenv", 2, {0xd9, 0x27}},
    {"fbstp", 2, {0xdf, 0x37}},    {"fbld", 2, {0xdf, 0x27}},     {"fstp tword", 2, {0xdb, 0x3f}},
    {"fstp qword", 2, {0xdd, 0x1f}}, {"fistp qword", 2, {0xdf, 0x3f}}, {"fxrstor", 3, {0x0f, 0xae, 0x0f}},
};

static void fault(u32 n, const char *where, word address, word flags) {
  prepare(images[n].code, images[n].size);
  start.flags = flags;
  start.di = address;
  __asm__ volatile("fninit\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1\n fld1");
  attempt();
  put(images[n].name);
  put(where);
  put_outcome();
  if (outcome.trap != BREAKPOINT) {
    put(", top ");
    put_number(outcome.top);
    put(", in use ");
    put_hex(outcome.tag, 2);
    put(", control ");
    put_hex(outcome.control, 4);
  }
  end_line();
}

#define STATUS(name, instruction)                                                                                   \
  {                                                                                                                 \
    static uint16_t image[14];                                                                                      \
    uint16_t status;                                                                                                \
    __asm__ volatile("fninit\n fld1\n fldpi\n fnstenv %0\n orw $0x200, 4+%0\n fldenv %0\n cmpl $0, %%esp\n" instruction \
                     "\n fnstsw %1"                                                                                 \
                     : "+m"(image), "=m"(status)::"cc", "memory");                                                   \
    put(name);                                                                                                      \
    put(": status ");                                                                                               \
    put_hex(status, 4);                                                                                             \
    end_line();                                                                                                     \
  }

int main_program(void) {
  begin();
  for (u32 n = 0; n < sizeof images / sizeof *images; n++) {
    fault(n, " at a multiple of 4: ", DATA + 4, n == 11 ? EFLAGS : EFLAGS_AC);
    fault(n, " at an odd address: ", DATA + 1, EFLAGS_AC);
    fault(n, " in an absent page: ", ABSENT, EFLAGS);
    fault(n, " that ends in an absent page: ", ABSENT - 8 + (n < 9 ? 0 : 4), EFLAGS);
    fault(n, " in a read-only page: ", READ_ONLY, EFLAGS);
  }
  STATUS("fcmovne", "fcmovne %%st(1), %%st")
  STATUS("fcmove", "fcmove %%st(1), %%st")
  STATUS("fcmovu", "fcmovu %%st(1), %%st")
  STATUS("fcmovne of an empty register", "fcmovne %%st(3), %%st")
  STATUS("fcomi", "fcomi %%st(1), %%st")
  STATUS("fucomi", "fucomi %%st(1), %%st")
  STATUS("fcomip", "fcomip %%st(1), %%st")
  STATUS("fucomip", "fucomip %%st(1), %%st")
  STATUS("fucomip with an empty register", "fucomip %%st(3), %%st")
  STATUS("fcom", "fcom %%st(1)")
  STATUS("fxch", "fxch")
  STATUS("ffree", "ffree %%st(3)")
  STATUS("fnop", "fnop")
  STATUS("fxam", "fxam")
  STATUS("ftst", "ftst")
  STATUS("fchs", "fchs")
  STATUS("fabs", "fabs")
  STATUS("fincstp", "fincstp")
  STATUS("fst", "fst %%st(5)")
  return 0;
}
