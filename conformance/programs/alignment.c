/* Which instructions ask for which alignment with EFLAGS.AC set (Intel SDM vol. 3 table 6-7), what comes first where several things are
 * wrong, and that nothing has changed. */

#include "program.h"

static const struct {
  const char *name;
  u8 size, code[8];
} cases[] = {
    {"mov r32, [edi]", 2, {0x8b, 0x07}},
    {"mov [edi], r16", 3, {0x66, 0x89, 0x07}},
    {"xchg [edi], eax", 2, {0x87, 0x07}},
    {"bt [edi], 1", 4, {0x0f, 0xba, 0x27, 1}},
    {"cmpxchg8b [edi]", 3, {0x0f, 0xc7, 0x0f}},
    {"lgs eax, [edi]", 3, {0x0f, 0xb5, 0x07}},
    {"lgs ax, [edi]", 4, {0x66, 0x0f, 0xb5, 0x07}},
    {"fld dword [edi]", 2, {0xd9, 0x07}},
    {"fld qword [edi]", 2, {0xdd, 0x07}},
    {"fld tword [edi]", 2, {0xdb, 0x2f}},
    {"fnstenv [edi]", 2, {0xd9, 0x37}},
    {"fnsave [edi]", 2, {0xdd, 0x37}},
    {"o16 fnsave [edi]", 3, {0x66, 0xdd, 0x37}},
    {"fnstcw [edi]", 2, {0xd9, 0x3f}},
    {"fxsave [edi]", 3, {0x0f, 0xae, 0x07}},
    {"stmxcsr [edi]", 3, {0x0f, 0xae, 0x1f}},
    {"movq mm0, [edi]", 3, {0x0f, 0x6f, 0x07}},
    {"movups xmm0, [edi]", 3, {0x0f, 0x10, 0x07}},
    {"movups [edi], xmm0", 3, {0x0f, 0x11, 0x07}},
    {"movaps xmm0, [edi]", 3, {0x0f, 0x28, 0x07}},
    {"movsd xmm0, [edi]", 4, {0xf2, 0x0f, 0x10, 0x07}},
    {"lddqu xmm0, [edi]", 4, {0xf2, 0x0f, 0xf0, 0x07}},
    {"pcmpistri xmm0, [edi]", 6, {0x66, 0x0f, 0x3a, 0x63, 0x07, 0}},
    {"pinsrw mm0, [edi], 0", 4, {0x0f, 0xc4, 0x07, 0}},
    {"maskmovq mm0, mm1", 3, {0x0f, 0xf7, 0xc1}},
    {"maskmovdqu xmm0, xmm1", 4, {0x66, 0x0f, 0xf7, 0xc1}},
    {"stosd", 1, {0xab}},
    {"scasw", 2, {0x66, 0xaf}},
    {"clflush [edi]", 3, {0x0f, 0xae, 0x3f}},
};

static void by_offset(void) {
  static const u8 offsets[] = {0, 1, 2, 4, 8, 16};
  for (u32 n = 0; n < sizeof cases / sizeof *cases; n++) {
    put(cases[n].name);
    put(":");
    for (u32 o = 0; o < sizeof offsets; o++) {
      memset((void *)DATA, 0, 0x800);
      prepare(cases[n].code, cases[n].size);
      start.flags = EFLAGS_AC;
      start.di = DATA + offsets[o];
      __asm__ volatile("fninit");
      attempt();
      put(" ");
      put_number(offsets[o]);
      put(outcome.trap == BREAKPOINT ? " runs" : outcome.trap == ALIGNMENT_CHECK ? " #AC" : " other");
      if (outcome.trap == GENERAL_PROTECTION) put(" #GP");
      if (outcome.trap != BREAKPOINT && outcome.moved) put(" changed");
    }
    end_line();
  }
}

/* One instruction with registers of its own, with and without AC. */
static void order(const char *name, const u8 *code, u32 size, word si, word di, word sp, word bp) {
  for (u32 checked = 0; checked < 2; checked++) {
    prepare(code, size);
    if (checked) start.flags = EFLAGS_AC;
    start.si = si;
    start.di = di;
    start.sp = sp;
    start.bp = bp;
    attempt();
    put(name);
    put(checked ? ", checked: " : ": ");
    put_outcome();
    end_line();
  }
}

#define ORDER(name, si, di, sp, bp, ...) \
  {                                      \
    static const u8 code[] = {__VA_ARGS__}; \
    order(name, code, sizeof code, si, di, sp, bp); \
  }

int main_program(void) {
  const word good = DATA + 0x100, odd = DATA + 0x101, nowhere = ABSENT + 0x1000, stack = STACK + 0x800;
  begin();
  by_offset();
  ORDER("movsd from nowhere to an odd address", nowhere, odd, stack, stack, 0xa5)
  ORDER("movsd from an odd address to nowhere", odd, nowhere, stack, stack, 0xa5)
  ORDER("movsd to an odd address", good, odd, stack, stack, 0xa5)
  ORDER("cmpsd of nowhere and an odd address", nowhere, odd, stack, stack, 0xa7)
  ORDER("cmpsd with an odd address", good, odd, stack, stack, 0xa7)
  ORDER("mov of an odd address nowhere", good, nowhere + 1, stack, stack, 0x8b, 0x07)
  ORDER("push of an odd address", good, odd, stack, stack, 0xff, 0x37)
  ORDER("pop to a read-only page", good, READ_ONLY, stack, stack, 0x8f, 0x07)
  ORDER("enter 4, 0 on an odd stack", good, good, odd, stack, 0xc8, 4, 0, 0)
  ORDER("enter 5, 0 with odd locals", good, good, stack, stack, 0xc8, 5, 0, 0)
  ORDER("enter 4, 2 with an odd frame", good, good, stack, odd, 0xc8, 4, 0, 2)
  ORDER("enter 4, 2 with a frame nowhere", good, good, stack, nowhere, 0xc8, 4, 0, 2)
  ORDER("leave with an odd frame", good, good, stack, odd, 0xc9)
  ORDER("ret on an odd stack", good, good, odd, stack, 0xc3)
  ORDER("far ret on an odd stack", good, good, odd, stack, 0xcb)
  ORDER("iret on an odd stack", good, good, odd, stack, 0xcf)
  ORDER("pushf on an odd stack", good, good, odd, stack, 0x9c)
  ORDER("lgdt of nowhere", good, nowhere, stack, stack, 0x0f, 0x01, 0x17)
  ORDER("lldt of nowhere", good, nowhere, stack, stack, 0x0f, 0x00, 0x17)
  ORDER("lmsw of nowhere", good, nowhere, stack, stack, 0x0f, 0x01, 0x37)
  ORDER("clflush of nowhere", good, nowhere, stack, stack, 0x0f, 0xae, 0x3f)
  ORDER("prefetch of nowhere", good, nowhere, stack, stack, 0x0f, 0x18, 0x0f)
  ORDER("maskmovq across the end", good, ABSENT - 4, stack, stack, 0x0f, 0xf7, 0xc1)
  return 0;
}
