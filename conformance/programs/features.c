/* An instruction runs if CPUID announces its extension, and is an invalid opcode if not, whatever its prefixes. Without those that a
 * hypervisor can hide from CPUID but not from programs, and does (RDTSCP, RDPID, RDSEED, RDPRU). */

#include "program.h"

enum { EAX, EBX, ECX, EDX };

static const struct {
  const char *name;
  u32 leaf, subleaf;
  u8 word, bit, size, code[8];
} cases[] = {
    {"cmov", 1, 0, EDX, 15, 3, {0x0f, 0x44, 0xc3}},
    {"clflush", 1, 0, EDX, 19, 3, {0x0f, 0xae, 0x3b}},
    {"clflushopt", 7, 0, EBX, 23, 4, {0x66, 0x0f, 0xae, 0x3b}},
    {"clwb", 7, 0, EBX, 24, 4, {0x66, 0x0f, 0xae, 0x33}},
    {"tpause", 7, 0, ECX, 5, 4, {0x66, 0x0f, 0xae, 0xf1}},
    {"umwait", 7, 0, ECX, 5, 4, {0xf2, 0x0f, 0xae, 0xf1}},
    {"incssp", 7, 0, ECX, 7, 4, {0xf3, 0x0f, 0xae, 0xe9}},
    {"sse4.1 pminud", 1, 0, ECX, 19, 5, {0x66, 0x0f, 0x38, 0x3b, 0xc1}},
    {"sse4.2 pcmpgtq", 1, 0, ECX, 20, 5, {0x66, 0x0f, 0x38, 0x37, 0xc1}},
    {"crc32", 1, 0, ECX, 20, 5, {0xf2, 0x0f, 0x38, 0xf1, 0xc3}},
    {"popcnt", 1, 0, ECX, 23, 4, {0xf3, 0x0f, 0xb8, 0xc3}},
    {"movbe", 1, 0, ECX, 22, 4, {0x0f, 0x38, 0xf0, 0x03}},
    {"movbe to memory", 1, 0, ECX, 22, 4, {0x0f, 0x38, 0xf1, 0x03}},
    {"o16 movbe", 1, 0, ECX, 22, 5, {0x66, 0x0f, 0x38, 0xf0, 0x03}},
    {"aesenc", 1, 0, ECX, 25, 5, {0x66, 0x0f, 0x38, 0xdc, 0xc1}},
    {"aeskeygenassist", 1, 0, ECX, 25, 6, {0x66, 0x0f, 0x3a, 0xdf, 0xc1, 0}},
    {"pclmulqdq", 1, 0, ECX, 1, 6, {0x66, 0x0f, 0x3a, 0x44, 0xc1, 0}},
    {"xgetbv", 1, 0, ECX, 27, 3, {0x0f, 0x01, 0xd0}},
    {"xsave", 1, 0, ECX, 27, 3, {0x0f, 0xae, 0x23}},
    {"rdrand", 1, 0, ECX, 30, 3, {0x0f, 0xc7, 0xf0}},
    {"vaddps", 1, 0, ECX, 28, 4, {0xc5, 0xf8, 0x58, 0xc1}},
    {"andn", 7, 0, EBX, 3, 5, {0xc4, 0xe2, 0x78, 0xf2, 0xc3}},
    {"vaddps zmm", 7, 0, EBX, 16, 6, {0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1}},
    {"adcx", 7, 0, EBX, 19, 5, {0x66, 0x0f, 0x38, 0xf6, 0xc3}},
    {"adox", 7, 0, EBX, 19, 5, {0xf3, 0x0f, 0x38, 0xf6, 0xc3}},
    {"sha1msg1", 7, 0, EBX, 29, 4, {0x0f, 0x38, 0xc9, 0xc1}},
    {"sha1rnds4", 7, 0, EBX, 29, 5, {0x0f, 0x3a, 0xcc, 0xc1, 0}},
    {"gf2p8mulb", 7, 0, ECX, 8, 5, {0x66, 0x0f, 0x38, 0xcf, 0xc1}},
    {"movdiri", 7, 0, ECX, 27, 4, {0x0f, 0x38, 0xf9, 0x03}},
    {"extrq", 0x80000001, 0, ECX, 6, 4, {0x66, 0x0f, 0x79, 0xc1}},
    {"insertq", 0x80000001, 0, ECX, 6, 4, {0xf2, 0x0f, 0x79, 0xc1}},
    {"movntss", 0x80000001, 0, ECX, 6, 4, {0xf3, 0x0f, 0x2b, 0x03}},
    {"pfadd", 0x80000001, 0, EDX, 31, 4, {0x0f, 0x0f, 0xc1, 0x9e}},
    {"clzero", 0x80000008, 0, EBX, 0, 3, {0x0f, 0x01, 0xfc}},
};

/* No processor has these. */
static const struct {
  const char *name;
  u8 size, code[4];
} reserved[] = {
    {"o16 fxsave", 4, {0x66, 0x0f, 0xae, 0x03}},  {"rep ldmxcsr", 4, {0xf3, 0x0f, 0xae, 0x13}},
    {"o16 stmxcsr", 4, {0x66, 0x0f, 0xae, 0x1b}}, {"repne clflush", 4, {0xf2, 0x0f, 0xae, 0x3b}},
    {"rep clflush", 4, {0xf3, 0x0f, 0xae, 0x3b}}, {"o16 sfence", 4, {0x66, 0x0f, 0xae, 0xf8}},
    {"o16 lfence", 4, {0x66, 0x0f, 0xae, 0xe8}},  {"o16 emms", 3, {0x66, 0x0f, 0x77}},
    {"o16 movnti", 4, {0x66, 0x0f, 0xc3, 0x03}},  {"rep paddb", 4, {0xf3, 0x0f, 0xfc, 0xc1}},
    {"d9 d2", 2, {0xd9, 0xd2}},                   {"da e0", 2, {0xda, 0xe0}},
    {"df f8", 2, {0xdf, 0xf8}},                   {"d9 /1", 2, {0xd9, 0x0b}},
    {"lea of a register", 2, {0x8d, 0xc0}},       {"prefetchw of a register", 3, {0x0f, 0x0d, 0xc8}},
    {"0f b8", 3, {0x0f, 0xb8, 0xc3}},             {"0f ba /0", 4, {0x0f, 0xba, 0xc0, 0}},
};

static void cpuid(u32 leaf, u32 subleaf, u32 *words) {
  __asm__ volatile("cpuid" : "=a"(words[EAX]), "=b"(words[EBX]), "=c"(words[ECX]), "=d"(words[EDX]) : "a"(leaf), "c"(subleaf));
}

static int is_announced(u32 n) {
  u32 words[4];
  cpuid(cases[n].leaf & 0x80000000, 0, words);
  if (words[EAX] < cases[n].leaf) return 0;
  cpuid(cases[n].leaf, cases[n].subleaf, words);
  return words[cases[n].word] >> cases[n].bit & 1;
}

static void run(const u8 *code, u32 size) {
  prepare(code, size);
  memset((void *)DATA, 0, 0x1000);
  *(u32 *)(DATA + 0x700) = 0x1f80;
  /* Aligned for what asks for it; the whole line may be cleared. */
  start.ax = DATA;
  start.cx = 0;
  __asm__ volatile("fninit");
  attempt();
}

int main_program(void) {
  begin();
  for (u32 n = 0; n < sizeof cases / sizeof *cases; n++) {
    run(cases[n].code, cases[n].size);
    const int announced = is_announced(n);
    put(cases[n].name);
    if (outcome.trap == (announced ? BREAKPOINT : INVALID_OPCODE)) put(": as announced");
    else {
      put(announced ? ": announced, but " : ": not announced, but ");
      put_outcome();
    }
    end_line();
  }
  for (u32 n = 0; n < sizeof reserved / sizeof *reserved; n++) {
    run(reserved[n].code, reserved[n].size);
    put(reserved[n].name);
    put(": ");
    put_outcome();
    end_line();
  }
  return 0;
}
