/* Interrupt and trap gates, IRET, double faults (SDM vol. 3 §6.12-§6.15; vol. 2 IRET). */
#include "cases.h"
#include "machine.h"

static void gates(void) {
  heading("interrupt gates");
  HANDLER("32", 0, "movl (%esp), %eax; movl 4(%esp), %ecx; movl 8(%esp), %edx; pushfl; popl %ebx");
  begin(RING0);
  in.eflags |= FL_IF | FL_NT;
  gate(IDT, 0x41, CODE0, CODE2, A_INT32, 0);
  RUN32("interrupt-same", "int $0x41");
  begin(RING0);
  in.eflags |= FL_IF | FL_NT | FL_AC | FL_ID;
  gate(IDT, 0x41, CODE0, CODE2, A_TRAP32, 0);
  RUN32("trap-same", "int $0x41");
  begin(RING3);
  in.eflags |= FL_IF;
  gate(IDT, 0x41, CODE0, CODE2, A_INT32 | DPL(3), 0);
  RUN32("interrupt-inner", "int $0x41");
  show("frame", INNER_STACK - 20, 5);
  begin(RING3);
  gate(IDT, 0x41, CONFORMING, CODE2, A_INT32 | DPL(3), 0);
  RUN32("interrupt-conforming", "int $0x41");
  begin(RING3);
  gate(IDT, 0x41, CODE3, CODE2, A_INT32 | DPL(3), 0);
  RUN32("interrupt-same-ring3", "int $0x41");
  begin(RING3);
  gate(IDT, 0x41, CODE1, CODE2, A_INT32 | DPL(3), 0);
  RUN32("interrupt-ring1", "int $0x41");
  begin(RING3);
  gate(IDT, 0x41, CODE0, CODE2, A_INT32 | DPL(2), 0);
  RUN32("gate-dpl", "int $0x41");
  begin(RING3);
  gate(IDT, 6, CODE0, CODE2, A_INT32, 0);
  RUN32("exception-ignores-dpl", "ud2");
  begin(RING3);
  gate(IDT, 13, CODE0, CODE2, A_INT32, 0);
  RUN32("error-code-inner", "movl $0x10, %eax; movl %eax, %ds");
  show("frame", INNER_STACK - 24, 6);
  static const struct { const char *name; u32 selector; } stacks[] = {
      {"ring1-stack-null", 0},          {"ring1-stack-rpl", DATA1},         {"ring1-stack-readonly", READONLY | 1},
      {"ring1-stack-absent", SPARE | 1}, {"ring1-stack-beyond", 0x1f9},      {"ring1-stack-dpl", DATA0 | 1},
  };
  for (u32 n = 0; n < sizeof stacks / sizeof *stacks; n++) {
    begin(RING3);
    gate(IDT, 0x41, CODE1, CODE2, A_INT32 | DPL(3), 0);
    descriptor(SPARE, 0, 0xfffff, (A_DATA | DPL(1)) & ~PRESENT, F_32 | F_PAGES);
    poke32(TSS + 16, stacks[n].selector);
    RUN32(stacks[n].name, "int $0x41");
  }
  begin(RING0);
  in.ss = SMALL;
  in.esp = 0x800;
  gate(IDT, 0x41, CODE0, CODE2, A_INT32, 0);
  RUN32("stack-limit", "movl $4, %esp; int $0x41");

  heading("16-bit interrupt gates");
  HANDLER("32", 0, "movzwl (%esp), %eax; movzwl 2(%esp), %ecx; movzwl 4(%esp), %edx");
  begin(RING0);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  in.eflags |= FL_IF;
  gate(IDT, 0x41, SPARE, 0xffff0000, A_INT16, 0);
  RUN32("interrupt16-same", "int $0x41");
  show("frame", STACK - 8, 2);
  begin(RING3);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  in.eflags |= FL_IF;
  gate(IDT, 0x41, SPARE, 0xffff0000, A_TRAP16 | DPL(3), 0);
  RUN32("interrupt16-inner", "int $0x41");
  show("frame", INNER_STACK - 12, 3);
  begin(RING3);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  gate(IDT, 13, SPARE, 0xffff0000, A_INT16, 0);
  RUN32("error-code16-inner", "movl $0x10, %eax; movl %eax, %ds");
  show("frame", INNER_STACK - 12, 3);
  HANDLER("32", 0, ".byte 0x66, 0xcf");
  begin(RING0);
  in.esp = 0x2fff0;
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  descriptor(SPARE2, CODE, 0xffff, A_CODE, F_32);
  in.cs = SPARE2;
  in.eip = 0;
  gate(IDT, 0x41, SPARE, 0, A_INT16, 0);
  RUN32("iret16-same", "int $0x41; movl $7, %edi");
  begin(RING3);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  descriptor(SPARE2, CODE, 0xffff, A_CODE | DPL(3), F_32);
  descriptor(SPARE3, DATA, 0xffff, A_DATA | DPL(3), F_32);
  in.cs = SPARE2 | 3;
  in.ss = SPARE3 | 3;
  in.eip = 0;
  in.esp = 0x8000;
  gate(IDT, 0x41, SPARE, 0, A_INT16 | DPL(3), 0);
  RUN32("iret16-outer", "int $0x41; movl $7, %edi");
}

static void iret(void) {
  heading("IRET");
  HANDLER("32", 0, "movl $0x77, %edi; pushfl; popl %ebx");
  CASE("same", RING0, "pushl $0x257fd6; pushl $8; pushl $0x48000; iret");
  CASE("flags-iopl", RING0, "pushl $0x3002; pushl $8; pushl $0x48000; iret");
  CASE("ring3-flags", RING3, "pushl $0x247ed6; pushl $0x1b; pushl $0x48000; iret");
  begin(RING3);
  in.eflags |= FL_IOPL(3);
  RUN32("ring3-flags-iopl3", "pushl $0x1202; pushl $0x1b; pushl $0x48000; iret");
  CASE("outer", RING0, "pushl $0x23; pushl $0x38100; pushl $0x2202; pushl $0x1b; pushl $0x48000; iret");
  CASE("outer-16", RING0, "pushw $0x23; pushw $0x100; pushw $0x202; pushw $0xcb; pushw $0x100; .byte 0x66, 0xcf");
  CASE("null", RING0, "pushl $2; pushl $0; pushl $0x48000; iret");
  CASE("data", RING0, "pushl $2; pushl $0x10; pushl $0x48000; iret");
  CASE("not-present", RING0, "pushl $2; pushl $0x88; pushl $0x48000; iret");
  CASE("inner", RING3, "pushl $2; pushl $8; pushl $0x48000; iret");
  CASE("rpl-mismatch", RING0, "pushl $0x23; pushl $0x38100; pushl $2; pushl $0x0b; pushl $0x48000; iret");
  CASE("beyond-limit", RING0, "pushl $2; pushl $0x40; pushl $0x10000; iret");
  CASE("outer-null-stack", RING0, "pushl $0; pushl $0x38100; pushl $2; pushl $0x1b; pushl $0x48000; iret");
  CASE("outer-stack-rpl", RING0, "pushl $0x20; pushl $0x38100; pushl $2; pushl $0x1b; pushl $0x48000; iret");
  CASE("outer-stack-not-present", RING0, "pushl $0x83; pushl $0x38100; pushl $2; pushl $0x1b; pushl $0x48000; iret");
  begin(RING0);
  descriptor(SPARE, 0, 0xfffff, (A_DATA | DPL(3)) & ~PRESENT, F_32 | F_PAGES);
  RUN32("outer-stack-absent", "pushl $0xdb; pushl $0x38100; pushl $2; pushl $0x1b; pushl $0x48000; iret");
  begin(RING0);
  in.ds = CONFORMING;
  in.fs = DATA3;
  RUN32("outer-segments", "pushl $0x23; pushl $0x38100; pushl $2; pushl $0x1b; pushl $0x48000; iret");
  CASE("to-v86", RING0, "pushl $0x5555; pushl $0x4444; pushl $0x3333; pushl $0x2222; pushl $0x3000; pushl $0x8000;"
       "pushl $0x20202; pushl $0x4800; pushl $0; iret");
  HANDLER("32", 0x40, "int $0x40");
  CASE("vm-ignored-ring3", RING3, "pushl $0x20202; pushl $0x1b; pushl $0x48000; iret");
  CASE("nt-bad-link", RING0, "pushfl; orl $0x4000, (%esp); popfl; iret");
}

static void nested(void) {
  heading("double faults");
  begin(RING0);
  gate(IDT, 13, DATA0, 0, A_INT32, 0);
  RUN32("gp-in-gp", "movl $0x1f8, %eax; movl %eax, %ds");
  begin(RING0);
  gate(IDT, 0, CODE0, 0, A_INT32 & ~PRESENT, 0);
  RUN32("np-in-de", "xorl %ecx, %ecx; divl %ecx");
  begin(RING0);
  gate(IDT, 6, CODE0, 0, A_INT32 & ~PRESENT, 0);
  RUN32("np-in-ud", "ud2");
  begin(RING0);
  gate(IDT, 5, 0, 0, A_INT32, 0);
  RUN32("gp-in-br", "movl $0, 0x30000; movl $0, 0x30004; movl $6, %eax; bound %eax, 0x30000");
  begin(RING0);
  in.ss = SMALL;
  in.esp = 0x800;
  RUN32("ss-in-de", "movl $2, %esp; xorl %ecx, %ecx; divl %ecx");
  begin(RING0);
  in.ss = SMALL;
  in.esp = 0x800;
  RUN32("ss-in-ss", "movl $2, %esp; pushl %eax");
}

void cases_interrupts(void) {
  gates();
  iret();
  nested();
}
