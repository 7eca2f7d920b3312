/* Far jumps, calls and returns: directly and through gates (SDM vol. 3 §5.8; vol. 2 JMP, CALL, RET). */
#include "cases.h"
#include "machine.h"

/* Far pointers as immediates: EA and 9A with a 32-bit offset. */
#define JMPF(selector, offset) ".byte 0xea; .long " offset "; .word " selector
#define CALLF(selector, offset) ".byte 0x9a; .long " offset "; .word " selector

static void direct(void) {
  heading("direct far transfers");
  HANDLER("32", 0, "movl $0x77, %edi");
  CASE("jmp-code", RING0, JMPF("0x08", "0x48000"));
  CASE("jmp-rpl", RING0, JMPF("0x0b", "0x48000"));
  CASE("jmp-null", RING0, JMPF("0", "0x48000"));
  CASE("jmp-data", RING0, JMPF("0x10", "0x48000"));
  CASE("jmp-beyond-table", RING0, JMPF("0x1f8", "0x48000"));
  CASE("jmp-not-present", RING0, JMPF("0x88", "0x48000"));
  CASE("jmp-outer", RING0, JMPF("0x18", "0x48000"));
  CASE("jmp-outer-rpl", RING0, JMPF("0x1b", "0x48000"));
  CASE("jmp-inner", RING3, JMPF("0x08", "0x48000"));
  CASE("jmp-conforming", RING3, JMPF("0x78", "0x48000"));
  CASE("jmp-conforming-rpl", RING3, JMPF("0x7b", "0x48000"));
  CASE("jmp-execute-only", RING0, JMPF("0x70", "0x48000"));
  CASE("jmp-beyond-limit", RING0, JMPF("0x40", "0x10000"));
  CASE("jmp-busy-tss", RING0, JMPF("0x28", "0"));
  CASE("jmp-ldt", RING0, JMPF("0x38", "0"));
  CASE("jmp-memory", RING0, "movl $0x48000, 0x30000; movl $8, 0x30004; ljmp *0x30000");
  CASE("jmp-16", RING0, "jmp 9f; 9: .byte 0x66, 0xea; .word 0x0020, 0x40; .fill 32, 1, 0x90; .byte 0xcd, 0x40");
  CASE("call-code", RING0, CALLF("0x08", "0x48000"));
  show("frame", STACK - 8, 2);
  CASE("call-conforming", RING3, CALLF("0x78", "0x48000"));
  show("frame", STACK - 8, 2);
  CASE("call-not-present", RING0, CALLF("0x88", "0x48000"));
  CASE("call-beyond-limit", RING0, CALLF("0x40", "0x10000"));
  CASE("call-inner", RING3, CALLF("0x08", "0x48000"));
  begin(RING0);
  in.ss = SMALL;
  in.esp = 0x800;
  RUN32("call-stack-limit", "movl $0x1004, %esp; " CALLF("0x08", "0x48000"));
  CASE("retf", RING0, "pushl $0x12340008; pushl $0x48000; lret");
  CASE("retf-n", RING0, "pushl $0x08; pushl $0x48000; lret $0x10");
  CASE("retf-null", RING0, "pushl $0; pushl $0x48000; lret");
  CASE("retf-inner", RING3, "pushl $8; pushl $0x48000; lret");
  CASE("retf-not-present", RING0, "pushl $0x88; pushl $0x48000; lret");
  CASE("retf-data", RING0, "pushl $0x10; pushl $0x48000; lret");
  CASE("retf-beyond-limit", RING0, "pushl $0x40; pushl $0x10000; lret");
  CASE("retf-outer", RING0, "pushl $0x23; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
  CASE("retf-outer-n", RING0, "pushl $0x23; pushl $0x38100; pushl $1; pushl $2; pushl $0x1b; pushl $0x48000; lret $8");
  CASE("retf-outer-conforming", RING0, "pushl $0x23; pushl $0x38100; pushl $0x7b; pushl $0x48000; lret");
  CASE("retf-outer-null-stack", RING0, "pushl $0; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
  CASE("retf-outer-bad-stack", RING0, "pushl $0x10; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
  CASE("retf-outer-readonly-stack", RING0, "pushl $0x6b; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
  begin(RING0);
  in.ds = CONFORMING;
  in.es = 0;
  in.fs = DATA3;
  in.gs = CODE1;
  RUN32("retf-outer-segments", "pushl $0x23; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
  begin(RING0);
  descriptor(SPARE, 0, 0xfffff, A_DATA | DPL(1), F_32 | F_PAGES);
  RUN32("retf-outer-rpl-stack", "pushl $0xdb; pushl $0x38100; pushl $0x1b; pushl $0x48000; lret");
}

static void through_gates(void) {
  heading("call gates");
  HANDLER("32", 0, "movl $0x77, %edi; movl (%esp), %eax; movl 4(%esp), %ecx");
  begin(RING0);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32, 0);
  RUN32("jmp-gate", JMPF("0x98", "0x99999999"));
  begin(RING3);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(3), 0);
  RUN32("jmp-gate-inner", JMPF("0x9b", "0"));
  begin(RING3);
  gate(GDT, GATE32, CONFORMING, CODE2, A_GATE32 | DPL(3), 0);
  RUN32("jmp-gate-conforming", JMPF("0x9b", "0"));
  begin(RING3);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(2), 0);
  RUN32("gate-dpl", CALLF("0x9b", "0"));
  begin(RING0);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(2), 0);
  RUN32("gate-rpl", CALLF("0x9b", "0"));
  begin(RING0);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 & ~PRESENT, 0);
  RUN32("gate-not-present", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, 0, CODE2, A_GATE32, 0);
  RUN32("gate-null-code", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, DATA0, CODE2, A_GATE32, 0);
  RUN32("gate-data", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, CODE3, CODE2, A_GATE32, 0);
  RUN32("gate-outer-code", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, ABSENT_CODE, CODE2, A_GATE32, 0);
  RUN32("gate-code-not-present", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, CODE16, 0x10000, A_GATE32, 0);
  RUN32("gate-beyond-limit", CALLF("0x98", "0"));
  begin(RING0);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32, 0);
  RUN32("call-gate-same", CALLF("0x98", "0"));
  begin(RING3);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(3), 0);
  RUN32("call-gate-inner", CALLF("0x9b", "0"));
  show("frame", INNER_STACK - 16, 4);
  begin(RING3);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(3), 3);
  RUN32("call-gate-parameters", "pushl $1; pushl $2; pushl $3; " CALLF("0x9b", "0"));
  show("frame", INNER_STACK - 28, 7);
  begin(RING3);
  gate(GDT, GATE32, CONFORMING, CODE2, A_GATE32 | DPL(3), 3);
  RUN32("call-gate-conforming", "pushl $1; pushl $2; pushl $3; " CALLF("0x9b", "0"));
  begin(RING3);
  gate(GDT, GATE32, CODE1, CODE2, A_GATE32 | DPL(3), 0);
  RUN32("call-gate-ring1", CALLF("0x9b", "0"));
  begin(RING3);
  gate(GDT, GATE32, CODE0, CODE2, A_GATE32 | DPL(3), 31);
  RUN32("call-gate-31", "movl $0x38000, %esp; subl $124, %esp; movl $9, (%esp); movl $8, 120(%esp); " CALLF("0x9b", "0"));
  show("frame", INNER_STACK - 16, 4);
  static const struct { const char *name; u32 selector; } stacks[] = {
      {"ring1-stack-null", 0},          {"ring1-stack-rpl", DATA1},         {"ring1-stack-readonly", READONLY | 1},
      {"ring1-stack-absent", SPARE | 1}, {"ring1-stack-beyond", 0x1f9},      {"ring1-stack-dpl", DATA0 | 1},
  };
  for (u32 n = 0; n < sizeof stacks / sizeof *stacks; n++) {
    begin(RING3);
    gate(GDT, GATE32, CODE1, CODE2, A_GATE32 | DPL(3), 0);
    descriptor(SPARE, 0, 0xfffff, (A_DATA | DPL(1)) & ~PRESENT, F_32 | F_PAGES);
    poke32(TSS + 16, stacks[n].selector);
    RUN32(stacks[n].name, CALLF("0x9b", "0"));
  }
  begin(RING3);
  gate(GDT, GATE32, CODE1, CODE2, A_GATE32 | DPL(3), 0);
  descriptor(SPARE, DATA, 7, A_DATA | DPL(1), F_32);
  poke32(TSS + 12, 8);
  poke32(TSS + 16, SPARE | 1);
  RUN32("inner-stack-too-small", CALLF("0x9b", "0"));
  heading("16-bit call gates");
  HANDLER("32", 0, "movl $0x77, %edi; movl (%esp), %eax; movl 4(%esp), %ecx");
  begin(RING0);
  gate(GDT, GATE16, CODE16, 0x80, A_GATE16, 0);
  poke16(GDT + GATE16 + 6, 0xffff);
  patch(CODE + 0x80, 0xcd);
  patch(CODE + 0x81, 0x40);
  RUN32("call-gate16-same", CALLF("0xa0", "0"));
  show("frame", STACK - 4, 1);
  begin(RING3);
  descriptor(SPARE, CODE, 0xffff, A_CODE, F_32);
  gate(GDT, GATE16, SPARE, 0x80, A_GATE16 | DPL(3), 2);
  poke16(GDT + GATE16 + 6, 0xffff);
  RUN32("call-gate16-inner", "pushl $0x11112222; pushl $0x33334444; " CALLF("0xa3", "0"));
  show("frame", INNER_STACK - 12, 3);
  HANDLER("32", 0, ".byte 0x66, 0xca, 4, 0");
  begin(RING3);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  descriptor(SPARE2, CODE, 0xffff, A_CODE | DPL(3), F_32);
  descriptor(SPARE3, DATA, 0xffff, A_DATA | DPL(3), F_32);
  in.cs = SPARE2 | 3;
  in.ss = SPARE3 | 3;
  in.eip = 0;
  in.esp = 0x8000;
  gate(GDT, GATE16, SPARE, 0, A_GATE16 | DPL(3), 2);
  RUN32("retf16-outer", "pushw $1; pushw $2; " CALLF("0xa3", "0") "; movl $7, %edi");
}

void cases_transfers(void) {
  direct();
  through_gates();
}
