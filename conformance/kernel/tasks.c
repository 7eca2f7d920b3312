/* Hardware task switches (SDM vol. 3 chapter 7). The other task begins at CODE2; INT 40h there ends the case with the task
 * register still in it, which begin() of the next case undoes. */
#include "cases.h"
#include "machine.h"

static void other_task(void) {
  fill(TSS_OTHER, 104, 0);
  poke32(TSS_OTHER + 28, 0);
  poke32(TSS_OTHER + 32, CODE2);
  poke32(TSS_OTHER + 36, 0xcd6);
  for (u32 n = 0; n < 8; n++) poke32(TSS_OTHER + 40 + n * 4, 0x01010101 * (n + 1));
  poke32(TSS_OTHER + 40 + 16, STACK + 0x400);
  poke32(TSS_OTHER + 0x48, DATA0);
  poke32(TSS_OTHER + 0x4c, CODE0);
  poke32(TSS_OTHER + 0x50, DATA0);
  poke32(TSS_OTHER + 0x54, DATA0);
  poke32(TSS_OTHER + 0x58, 0);
  poke32(TSS_OTHER + 0x5c, DATA3);
  poke32(TSS_OTHER + 0x60, 0);
  poke32(TSS_OTHER + 0x64, 0x680000);
  descriptor(SEL_TSS_OTHER, TSS_OTHER, 103, A_TSS32, 0);
  gate(GDT, TASKGATE, SEL_TSS_OTHER, 0, A_TASKGATE | DPL(3), 0);
}

static void other_task16(void) {
  fill(TSS_OTHER, 104, 0);
  poke16(TSS_OTHER + 14, 0);
  poke16(TSS_OTHER + 16, 0xcd6);
  for (u32 n = 0; n < 8; n++) poke16(TSS_OTHER + 18 + n * 2, 0x0101 * (n + 1));
  poke16(TSS_OTHER + 18 + 8, 0x9000);
  poke16(TSS_OTHER + 34, DATA0);
  poke16(TSS_OTHER + 36, SPARE);
  poke16(TSS_OTHER + 38, DATA16);
  poke16(TSS_OTHER + 40, DATA16);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_16);
  descriptor(SEL_TSS16, TSS_OTHER, 43, A_TSS16, 0);
}

static void show_tasks(void) {
  show("types", GDT + SEL_TSS + 4, 1);
  show("types", GDT + SEL_TSS_OTHER + 4, 1);
  show("link", TSS_OTHER, 1);
  show("saved", TSS + 32, 10);
  show("selectors", TSS + 0x48, 6);
}

#define BEGIN(mode) begin(mode); other_task()

static void switches(void) {
  heading("task switches");
  HANDLER("32", 0, "str %cx; movl %cr0, %edx; andl $8, %edx; clts");
  BEGIN(RING0);
  RUN32("jmp-tss", ".byte 0xea; .long 0; .word 0xb0");
  show_tasks();
  BEGIN(RING0);
  in.eflags |= FL_NT;
  RUN32("jmp-tss-nt", ".byte 0xea; .long 0; .word 0xb0");
  show_tasks();
  BEGIN(RING0);
  RUN32("call-tss", ".byte 0x9a; .long 0; .word 0xb0");
  show_tasks();
  BEGIN(RING3);
  RUN32("call-task-gate", ".byte 0x9a; .long 0; .word 0xab");
  show_tasks();
  BEGIN(RING0);
  RUN32("jmp-task-gate", ".byte 0xea; .long 0; .word 0xa8");
  BEGIN(RING3);
  RUN32("call-tss-privilege", ".byte 0x9a; .long 0; .word 0xb0");
  BEGIN(RING0);
  gate(IDT, 0x41, SEL_TSS_OTHER, 0, A_TASKGATE, 0);
  RUN32("int-task-gate", "int $0x41");
  show_tasks();
  HANDLER("32", 0, "popl %edi; str %cx");
  BEGIN(RING0);
  gate(IDT, 13, SEL_TSS_OTHER, 0, A_TASKGATE, 0);
  RUN32("exception-task-gate", "movl $0x1f8, %eax; movl %eax, %ds");
  show_tasks();
  HANDLER("32", 0, "iret; movl $0x99, %edi");
  BEGIN(RING0);
  RUN32("call-iret", ".byte 0x9a; .long 0; .word 0xb0; str %cx");
  show_tasks();
  show("resumes", TSS_OTHER + 32, 2);
  BEGIN(RING0);
  RUN32("call-iret-call", ".byte 0x9a; .long 0; .word 0xb0; .byte 0x9a; .long 0; .word 0xb0; str %cx");
  BEGIN(RING0);
  poke32(TSS_OTHER + 0x64, 0x680001);
  RUN32("debug-trap", ".byte 0xea; .long 0; .word 0xb0");
  show_value("dr6", ({ u32 v; __asm__ volatile("movl %%dr6, %0; movl %1, %%dr6" : "=&r"(v) : "r"(0)); v; }));
  heading("16-bit tasks");
  HANDLER("16", 0, "str %cx");
  begin(RING0);
  other_task16();
  RUN32("jmp-tss16", ".byte 0xea; .long 0; .word 0x90");
  show("saved", TSS + 32, 10);
  begin(RING0);
  other_task16();
  RUN32("call-tss16", ".byte 0x9a; .long 0; .word 0x90");
  show("link", TSS_OTHER, 1);
  HANDLER("16", 0, "iretw");
  begin(RING0);
  other_task16();
  RUN32("call-tss16-iret", ".byte 0x9a; .long 0; .word 0x90; movl $0x55, %edi");
  show("saved16", TSS_OTHER + 14, 7);
}

static void faults(void) {
  heading("faulty tasks");
  HANDLER("32", 0, "nop");
  BEGIN(RING0);
  descriptor(SEL_TSS_OTHER, TSS_OTHER, 102, A_TSS32, 0);
  RUN32("too-small", ".byte 0xea; .long 0; .word 0xb0");
  BEGIN(RING0);
  descriptor(SEL_TSS_OTHER, TSS_OTHER, 103, A_TSS32 | 2, 0);
  RUN32("busy", ".byte 0xea; .long 0; .word 0xb0");
  BEGIN(RING0);
  descriptor(SEL_TSS_OTHER, TSS_OTHER, 103, A_TSS32 & ~PRESENT, 0);
  RUN32("not-present", ".byte 0xea; .long 0; .word 0xb0");
  BEGIN(RING0);
  descriptor(SEL_TSS_OTHER, TSS_OTHER, 103, A_TSS32 & ~PRESENT, 0);
  RUN32("gate-not-present-tss", ".byte 0xea; .long 0; .word 0xa8");
  BEGIN(RING0);
  gate(GDT, TASKGATE, DATA0, 0, A_TASKGATE, 0);
  RUN32("gate-data", ".byte 0xea; .long 0; .word 0xa8");
  BEGIN(RING0);
  gate(GDT, TASKGATE, 4, 0, A_TASKGATE, 0);
  RUN32("gate-ldt", ".byte 0xea; .long 0; .word 0xa8");
  static const struct { const char *name; u32 vector, field, selector; } bad[] = {
      {"cs-null", 10, 0x4c, 0},
      {"cs-data", 10, 0x4c, DATA0},
      {"cs-beyond", 10, 0x4c, 0x1f8},
      {"cs-rpl", 10, 0x4c, CODE0 | 1},
      {"cs-not-present", 11, 0x4c, ABSENT_CODE},
      {"ss-null", 10, 0x50, 0},
      {"ss-readonly", 10, 0x50, READONLY},
      {"ss-rpl", 10, 0x50, DATA0 | 3},
      {"ss-not-present", 12, 0x50, ABSENT},
      {"ds-beyond", 10, 0x54, 0x1f8},
      {"ds-execute-only", 10, 0x54, EXECONLY},
      {"es-not-present", 11, 0x48, ABSENT},
      {"gs-system", 10, 0x5c, SEL_TSS},
      {"ldt-data", 10, 0x60, DATA0},
      {"ldt-beyond", 10, 0x60, 0x1f8},
      {"ldt-in-ldt", 10, 0x60, 4},
  };
  for (u32 n = 0; n < sizeof bad / sizeof *bad; n++) {
    BEGIN(RING0);
    poke32(TSS_OTHER + bad[n].field, bad[n].selector);
    fault_task(bad[n].vector);
    RUN32(bad[n].name, ".byte 0xea; .long 0; .word 0xb0");
  }
}

void cases_tasks(void) {
  switches();
  faults();
}
