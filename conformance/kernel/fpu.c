/* When the FPU and SSE refuse, and what they remember of the last instruction (SDM vol. 1 §8.1, vol. 3 §2.5, §13.1). */
#include "cases.h"
#include "machine.h"

static void set_cr0(u32 clear, u32 bits) {
  __asm__ volatile("movl %%cr0, %%eax; andl %0, %%eax; orl %1, %%eax; movl %%eax, %%cr0" : : "r"(~clear), "r"(bits) : "eax");
}
static void set_cr4(u32 clear, u32 bits) {
  __asm__ volatile("movl %%cr4, %%eax; andl %0, %%eax; orl %1, %%eax; movl %%eax, %%cr4" : : "r"(~clear), "r"(bits) : "eax");
}

#define MP 2
#define EM 4
#define TS 8
#define NE 0x20

static void availability(void) {
  static const struct { const char *name; u32 bits; } settings[] = {
      {"none", 0}, {"ts", TS}, {"em", EM}, {"mp", MP}, {"ts mp", TS | MP}, {"em mp ts", EM | MP | TS}};
  for (u32 n = 0; n < 6; n++) {
    heading_of("availability ", settings[n].name);
    set_cr4(0x600, 0x200);
    set_cr0(MP | EM | TS, settings[n].bits);
    CASE("fld1", RING0, "fld1; fstp %st(0)");
    CASE("fninit", RING0, "fninit");
    CASE("fnstsw", RING0, "fnstsw %ax; xorl %eax, %eax");
    CASE("fwait", RING0, "fwait");
    CASE("movq", RING0, "movq %mm0, %mm1; emms");
    CASE("emms", RING0, "emms");
    CASE("xorps", RING0, "xorps %xmm0, %xmm0");
    CASE("movd", RING0, "movd %xmm0, %eax; movl $0, %eax");
    CASE("fxsave", RING0, "fxsave 0x30000");
    CASE("ldmxcsr", RING0, "movl $0x1f80, 0x30000; ldmxcsr 0x30000");
    CASE("prefetch", RING0, "prefetcht0 0x30000");
    CASE("sfence", RING0, "sfence; lfence; mfence");
    CASE("movnti", RING0, "movnti %eax, 0x30000");
    CASE("clflush", RING0, "clflush 0x30000");
    set_cr0(MP | EM | TS, 0);
  }
  heading("without OSFXSR");
  set_cr4(0x600, 0);
  CASE("xorps", RING0, "xorps %xmm0, %xmm0");
  CASE("movq", RING0, "movq %mm0, %mm1; emms");
  CASE("fxsave", RING0, "fxsave 0x30000");
  CASE("sfence", RING0, "sfence");
  set_cr4(0x600, 0x200);
  heading("SSE faults");
  CASE("unaligned", RING0, "movaps 0x30008, %xmm0");
  CASE("unaligned-store", RING0, "movaps %xmm0, 0x30008");
  CASE("unaligned-operand", RING0, "addps 0x30004, %xmm0");
  CASE("fxsave-unaligned", RING0, "fxsave 0x30008");
  CASE("mxcsr-reserved", RING0, "movl $0x10000, 0x30000; ldmxcsr 0x30000");
  set_cr4(0x600, 0x200);
  CASE("unmasked-no-oscmm", RING0, "movl $0x1d00, 0x30000; ldmxcsr 0x30000; xorps %xmm0, %xmm0; movl $0x3f800000, %eax; movd %eax, %xmm1; divss %xmm0, %xmm1");
  set_cr4(0x600, 0x600);
  CASE("unmasked", RING0, "movl $0x1d80, 0x30000; ldmxcsr 0x30000; xorps %xmm0, %xmm0; movl $0x3f800000, %eax; movd %eax, %xmm1; divss %xmm0, %xmm1");
  CASE("mxcsr-status", RING0, "stmxcsr 0x30000; movl 0x30000, %ecx; movl $0x1f80, 0x30000; ldmxcsr 0x30000");
}

static void exceptions(void) {
  heading("x87 exceptions");
  set_cr0(MP | EM | TS, NE);
  CASE("divide-unmasked", RING0, "fninit; pushl $0x37b; fldcw (%esp); fldz; fld1; fdivp; movl $1, %ecx; fld1; movl $2, %ecx");
  CASE("fwait", RING0, "fninit; pushl $0x37b; fldcw (%esp); fldz; fld1; fdivp; movl $1, %ecx; fwait");
  CASE("fnstsw-does-not-wait", RING0, "fninit; pushl $0x37b; fldcw (%esp); fldz; fld1; fdivp; fnstsw %ax; fnclex; fld1");
  CASE("fninit-does-not-wait", RING0, "fninit; pushl $0x37b; fldcw (%esp); fldz; fld1; fdivp; fninit; fld1");
  CASE("unmask-later", RING0, "fninit; fldz; fld1; fdivp; pushl $0x37b; fldcw (%esp); movl $1, %ecx; fld1");
  CASE("mmx-waits", RING0, "fninit; pushl $0x37b; fldcw (%esp); fldz; fld1; fdivp; movl $1, %ecx; movq %mm0, %mm1");
  CASE("stack-underflow", RING0, "fninit; pushl $0x37e; fldcw (%esp); fstp %st(0); fnstsw %ax; fwait");
  CASE("stack-overflow", RING0, "fninit; pushl $0x37e; fldcw (%esp); .rept 9; fld1; .endr; fnstsw %ax; fwait");
  CASE("clean-up", RING0, "fninit");
  set_cr0(NE, 0);
}

static void pointers(void) {
  heading("instruction and data pointers");
#define ENVIRONMENT(name, ...)                                                                                         \
  do {                                                                                                                 \
    fill(DATA + 0x100, 32, 0);                                                                                         \
    CASE(name, RING0, "fninit; " __VA_ARGS__ "; fnstenv 0x30100");                                                     \
    show("environment", DATA + 0x100, 7);                                                                              \
  } while (0)
  poke32(DATA, 0x3f800000);
  ENVIRONMENT("initial", "nop");
  ENVIRONMENT("register", "fld1; fldz");
  ENVIRONMENT("memory", "flds 0x30000; nop");
  ENVIRONMENT("memory-then-register", "flds 0x30000; fld1");
  ENVIRONMENT("store", "fld1; fsts 0x30004");
  ENVIRONMENT("control-kept", "flds 0x30000; fnstcw 0x30008; fldcw 0x30008; fnstsw 0x30008");
  ENVIRONMENT("prefix", "fs flds 0x30000");
  ENVIRONMENT("fnclex-kept", "flds 0x30000; fnclex");
  begin(RING0);
  RUN32("fxsave", "fninit; flds 0x30000; fxsave 0x30200; fninit");
  show("image", DATA + 0x200, 6);
  begin(REAL);
  RUN16("real-fnstenv", "fninit; flds 0; fnstenv 0x100");
  show("environment", DATA + 0x100, 4);
  begin(CODE16_0);
  RUN16("protected-16-fnstenv", "fninit; movl $0x30000, %ebx; addr32 flds (%ebx); movl $0x30100, %ebx; addr32 fnstenv (%ebx)");
  show("environment", DATA + 0x100, 4);
}

void cases_fpu(void) {
  __asm__ volatile("fninit");
  availability();
  exceptions();
  pointers();
}
