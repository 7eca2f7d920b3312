/* As alignment.c, of what 64-bit code does not have. */

#include "program.h"

static void try_case(const char *name, const u8 *code, u32 size, word di, word sp) {
  for (u32 checked = 0; checked < 2; checked++) {
    prepare(code, size);
    if (checked) start.flags = EFLAGS_AC;
    start.di = di;
    start.sp = sp;
    attempt();
    put(name);
    put(checked ? ", checked: " : ": ");
    put_outcome();
    end_line();
  }
}

#define TRY(name, di, sp, ...)              \
  {                                         \
    static const u8 code[] = {__VA_ARGS__}; \
    try_case(name, code, sizeof code, di, sp); \
  }

int main_program(void) {
  const word good = DATA + 0x100, stack = STACK + 0x800;
  begin();
  memset((void *)DATA, 0, 0x2000);
  TRY("pusha", good, stack, 0x60)
  TRY("pusha on an odd stack", good, stack + 1, 0x60)
  TRY("pusha at a multiple of 2", good, stack + 2, 0x60)
  TRY("o16 pusha at a multiple of 2", good, stack + 2, 0x66, 0x60)
  TRY("pusha below the page", good, STACK + 8, 0x60)
  TRY("popa on an odd stack", good, stack + 1, 0x61)
  TRY("popa at a multiple of 2", good, stack + 2, 0x61)
  TRY("popa above the page", good, STACK + 0xff8, 0x61)
  TRY("bound", good, stack, 0x62, 0x0f)
  TRY("bound at an odd address", good + 1, stack, 0x62, 0x07)
  TRY("bound at a multiple of 4", good + 4, stack, 0x62, 0x07)
  TRY("bound across the end", ABSENT - 4, stack, 0x62, 0x07)
  TRY("les at an odd address", good + 1, stack, 0xc4, 0x07)
  TRY("les at a multiple of 4", good + 4, stack, 0xc4, 0x07)
  TRY("les across the end", ABSENT - 4, stack, 0xc4, 0x07)
  TRY("push es on an odd stack", good, stack + 1, 0x06)
  TRY("aam is no access", good, stack, 0xd4, 0x0a)
  return 0;
}
