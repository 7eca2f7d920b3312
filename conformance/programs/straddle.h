/* An instruction whose bytes lie in two pages, run often. */

#include "program.h"

enum { PAGES = 0x30000000, RUNS = 5000 };

/* nop; adc ecx, ecx across the pages; ret */
static void prepare_pages(void) {
  static const u8 code[] = {0x90, 0x11, 0xc9, 0xc3};
  map(PAGES, 0x2000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
  memcpy((void *)(PAGES + 0xffe), code, sizeof code);
}

/* Twice what it is given. */
static u32 twice(u32 value, word flags) {
  __asm__ volatile("pushf\n push %1\n popf\n call *%2\n popf" : "+c"(value) : "r"(flags), "r"((word)PAGES + 0xffe) : "cc", "memory");
  return value;
}

static u32 wrong(word flags) {
  u32 count = 0;
  for (u32 n = 0; n < RUNS; n++) count += twice(n, flags) != 2 * n;
  return count;
}

static void tell(const char *what, u32 value) {
  put(what);
  put_hex(value, 4);
  end_line();
}
