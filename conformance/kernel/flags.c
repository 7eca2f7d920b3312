/* EFLAGS and single step (SDM vol. 1 §3.4.3; vol. 2 PUSHF, POPF, STI; vol. 3 §17.3.1.4). */
#include "cases.h"
#include "machine.h"

static u32 debug_status(void) {
  u32 value;
  __asm__ volatile("movl %%dr6, %0; movl %1, %%dr6" : "=&r"(value) : "r"(0));
  return value;
}

static void words(void) {
  heading("POPF and PUSHF");
  CASE("popf-ring0", RING0, "pushl $0x3e7cd7; popfl; pushfl; popl %eax; pushl $2; popfl");
  CASE("popf16-ring0", RING0, "pushw $0x7cd7; popfw; pushfl; popl %eax; pushl $2; popfl");
  CASE("popf-ring3", RING3, "pushl $0x3e7ed7; popfl; pushfl; popl %eax; pushl $2; popfl");
  begin(RING3);
  in.eflags |= FL_IOPL(3);
  RUN32("popf-ring3-iopl3", "pushl $0x0ed7; popfl; pushfl; popl %eax; pushl $2; popfl");
  CASE("lahf-sahf", RING0, "movw $0xffff, %ax; sahf; lahf; pushfl; popl %ecx; cmpl %eax, %eax");
  CASE("sahf-0", RING0, "movw $0, %ax; sahf; lahf; pushfl; popl %ecx; cmpl %eax, %eax");
  CASE("cmc", RING0, "stc; cmc; setc %al; cmc; setc %cl; clc");
  CASE("std", RING0, "std");
  begin(RING0);
  in.eflags |= FL_AC | FL_ID;
  RUN32("pushf-keeps", "pushfl; popl %eax");
  begin(RING0);
  in.eflags |= FL_RF;
  RUN32("rf-cleared", "nop; pushfl; popl %eax");
}

static void single_step(void) {
  heading("single step");
  begin(RING0);
  in.eflags |= FL_TF;
  RUN32("after-first", "movl $1, %eax; movl $2, %eax");
  show_value("dr6", debug_status());
  begin(RING3);
  in.eflags |= FL_TF;
  RUN32("ring3", "movl $1, %eax; movl $2, %eax");
  CASE("popf-sets", RING0, "pushl $0x102; popfl; movl $1, %eax; movl $2, %eax");
  begin(RING0);
  in.eflags |= FL_TF;
  RUN32("popf-clears", "pushl $2; popfl; movl $1, %eax");
  CASE("popf-clears-traps", RING0, "pushl $2; pushl $0x102; popfl; popfl; movl $1, %eax");
  begin(RING0);
  in.eflags |= FL_TF;
  RUN32("mov-ss", "movl %ss, %eax; movl $1, %ecx");
  CASE("mov-ss-defers", RING0, "movl $0x10, %eax; pushl $0x102; popfl; movl %eax, %ss; movl $1, %ecx; movl $2, %ecx");
  CASE("pop-ss-defers", RING0, "pushl $0x10; pushl $0x102; popfl; popl %ss; movl $1, %ecx; movl $2, %ecx");
  CASE("nop-then-mov-ss", RING0, "movl $0x10, %eax; pushl $0x102; popfl; nop; movl %eax, %ss; movl $1, %ecx");
  CASE("sti", RING0, "pushl $0x102; popfl; sti; movl $1, %ecx; movl $2, %ecx");
  CASE("int-clears", RING0, "pushl $0x102; popfl; int $0x40");
  CASE("rep-movs", RING0, "movl $0x30000, %esi; movl $0x31000, %edi; movl $5, %ecx; cld; pushl $0x102; popfl; rep movsb");
  CASE("rep-none", RING0, "movl $0x30000, %esi; movl $0x31000, %edi; xorl %ecx, %ecx; cld; pushl $0x102; popfl; rep movsb; nop");
  CASE("fault-first", RING0, "xorl %ecx, %ecx; pushl $0x102; popfl; divl %ecx");
  CASE("jump", RING0, "pushl $0x102; popfl; jmp 1f; nop; 1: nop");
  CASE("iret-sets", RING0, "pushl $0x102; pushl $8; pushl $0x48000; iret");
  CASE("pushf-stores", RING0, "pushl $0x102; popfl; pushfl; nop");
  CASE("cpuid", RING0, "xorl %eax, %eax; pushl $0x102; popfl; cpuid; nop");
  CASE("hlt", RING0, "pushl $0x102; popfl; hlt; movl $1, %ecx");
  begin(V86_IOPL3);
  in.eflags |= FL_TF;
  RUN16("v86", "movw $1, %ax; movw $2, %ax");
  begin(REAL);
  in.eflags |= FL_TF;
  RUN16("real", "movw $1, %ax; movw $2, %ax");
  debug_status();
}

void cases_flags(void) {
  words();
  HANDLER("32", 0, "movl $0x77, %edi");
  single_step();
}
