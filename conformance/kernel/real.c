/* Real mode (SDM vol. 3 chapter 20.1): segments, exceptions through the vector table, what is not recognised. */
#include "cases.h"
#include "machine.h"

void cases_real(void) {
  heading("real mode");
  CASE16("nothing", REAL, "nop");
  CASE16("segments", REAL, "movw $0x5555, %ax; movw %ax, %ds; movw %ax, %es; movw %ax, %fs; movw %ax, %gs; movl %gs, %ecx");
  CASE16("div", REAL, "xorw %cx, %cx; divw %cx");
  CASE16("bound", REAL, "movl $0x00050001, 0x10; movw $9, %ax; bound %ax, 0x10");
  CASE16("ud2", REAL, "ud2");
  CASE16("int3", REAL, "int3");
  CASE16("into", REAL, "movb $0x7f, %al; addb $1, %al; into; nop");
  CASE16("icebp", REAL, ".byte 0xf1");
  CASE16("int-n", REAL, "int $0x21");
  CASE16("word-over", REAL, "movw 0xffff, %ax");
  CASE16("dword-over", REAL, "movl 0xfffd, %eax");
  CASE16("write-over", REAL, "movw %ax, 0xffff");
  CASE16("address32-over", REAL, "movl $0x10000, %ebx; movb (%ebx), %al");
  CASE16("stack-over", REAL, "movw $0xffff, %bp; movw (%bp), %ax");
  CASE16("push-zero", REAL, "xorw %sp, %sp; pushw %ax; movl 0xfffe, %ecx; movw $0x8000, %sp");
  CASE16("sldt", REAL, "sldt %ax");
  CASE16("str", REAL, "str %ax");
  CASE16("lldt", REAL, "lldt %ax");
  CASE16("ltr", REAL, "ltr %ax");
  CASE16("lar", REAL, "lar %ax, %cx");
  CASE16("lsl", REAL, "lsl %ax, %cx");
  CASE16("verr", REAL, "verr %ax");
  CASE16("verw", REAL, "verw %ax");
  CASE16("arpl", REAL, "arpl %ax, %cx");
  CASE16("sysenter", REAL, "sysenter");
  CASE16("lock-mov", REAL, ".byte 0xf0, 0x89, 0xc0");
  CASE16("length", REAL, ".rept 15; .byte 0x3e; .endr; nop");
  CASE16("far-jump", REAL, ".byte 0xea; .word 0x70, 0x2001");
  CASE16("far-call", REAL, ".byte 0x9a; .word 0x70, 0x2001");
  show("frame", STACK - 4, 1);
  CASE16("far-call-32", REAL, ".byte 0x66, 0x9a; .long 0x70; .word 0x2001");
  show("frame", STACK - 8, 2);
  CASE16("far-call-32-over", REAL, ".byte 0x66, 0x9a; .long 0x10070; .word 0x2001");
  CASE16("far-return", REAL, "pushw $0x2001; pushw $0x70; lret $2");
  CASE16("near-jump-32-over", REAL, "movl $0x10000, %ecx; jmpl *%ecx");
  CASE16("near-relative-16", REAL, ".byte 0xe9; .word 0x1000");
  CASE16("near-relative-32-over", REAL, ".byte 0x66, 0xe9; .long 0x10000");
  CASE16("iret", REAL, "pushw $0x7ed7; pushw $0x2001; pushw $0x70; iretw");
  CASE16("iretd", REAL, "pushl $0x247ed7; pushl $0x2001; pushl $0x70; iretl");
  CASE16("popf", REAL, "pushw $0x7ed6; popfw; pushfw; popw %ax; pushw $2; popfw");
  CASE16("popfd", REAL, "pushl $0x3e4cd6; popfl; pushfl; popl %eax; pushl $2; popfl");
  CASE16("code-write", REAL, "movb $0x99, %cs:0x1000; movb %cs:0x1000, %al");
  CASE16("pusha", REAL, "pushaw; movw %sp, %bp; movl (%bp), %eax; movl 8(%bp), %ecx; popaw; movw $0x8000, %sp");
  CASE16("enter", REAL, "movw $0x7000, %bp; enterw $8, $0; movw %sp, %cx; leavew");
  CASE16("loop-cx", REAL, "movl $0x10002, %ecx; xorl %eax, %eax; 1: incl %eax; loopw 1b; cmpl %edx, %edx");
  CASE16("loop-ecx", REAL, "movl $3, %ecx; xorl %eax, %eax; 1: incl %eax; addr32 loop 1b; cmpl %edx, %edx");
  CASE16("jcxz", REAL, "movl $0x10000, %ecx; jcxz 1f; movw $1, %ax; 1: nop");
  CASE16("smsw-lmsw", REAL, "smsww %ax; lmsw %ax; smsww %cx");
  CASE16("mov-cr0", REAL, "movl %cr0, %eax; movl %eax, %cr0; andl $0x7fffffff, %eax");
  CASE16("hlt-not-privileged", REAL, "cli; xorl %ecx, %ecx; movl %cr0, %eax; andl $1, %eax; cmpl %edx, %edx");
  CASE16("string-wrap", REAL, "movw $0xfffe, %si; movw $0x100, %di; cld; movl $0x44332211, 0xfffc; movsw; movl 0x100, %eax");
  CASE16("string-rep-wrap", REAL, "movl $0x1fffe, %esi; movw $0x100, %di; cld; movw $4, %cx; movl $0x44332211, 0; rep movsb; movl 0x102, %eax");
  CASE16("string-word-over", REAL, "movw $0xffff, %si; movw $0x100, %di; cld; lodsw");
}
