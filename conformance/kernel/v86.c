/* Virtual-8086 mode (SDM vol. 3 §20.2, §20.3): what IOPL guards, and the way out through gates. */
#include "cases.h"
#include "machine.h"

static void sensitive(enum mode mode, const char *group_name) {
  heading(group_name);
  CASE16("cli", mode, "cli");
  CASE16("sti", mode, "sti");
  CASE16("pushf", mode, "pushfw; popw %ax");
  CASE16("pushfd", mode, "pushfl; popl %eax");
  CASE16("popf", mode, "pushw $0x0ed7; popfw");
  CASE16("popfd", mode, "pushl $0x247ed7; popfl");
  CASE16("popf-iopl", mode, "pushw $0x0002; popfw");
  CASE16("iret", mode, "pushw $0x0ed7; pushw $0x2000; pushw $0x80; iretw");
  CASE16("iretd", mode, "pushl $0x247ed7; pushl $0x2000; pushl $0x80; iretl");
  CASE16("int", mode, "int $0x41");
  CASE16("int3", mode, "int3");
  CASE16("into", mode, "movb $0x7f, %al; addb $1, %al; into");
  CASE16("icebp", mode, ".byte 0xf1");
  CASE16("hlt", mode, "hlt");
  CASE16("in", mode, "inb $0x80, %al");
  CASE16("out", mode, "outb %al, $0x80");
  CASE16("lgdt", mode, "lgdtl 0x100");
  CASE16("mov-cr0", mode, "movl %cr0, %eax");
  CASE16("clts", mode, "clts");
  CASE16("lldt", mode, "lldt %ax");
  CASE16("sldt", mode, "sldt %ax");
  CASE16("str", mode, "str %ax");
  CASE16("lar", mode, "lar %ax, %cx");
  CASE16("verr", mode, "verr %ax");
  CASE16("arpl", mode, "arpl %ax, %cx");
  CASE16("sgdt", mode, "sgdtl 0x100; movl 0x102, %ecx");
  CASE16("smsw", mode, "smsww %cx");
  CASE16("ud2", mode, "ud2");
}

static void segments(void) {
  heading("V86 segments");
  CASE16("load", V86, "movw $0x3456, %ax; movw %ax, %ds; movw %ax, %gs");
  CASE16("base", V86, "movl $0x5aa55aa5, 0x10; movw $0x3001, %ax; movw %ax, %ds; movl 0, %ecx; movl $0, 0");
  CASE16("limit-word", V86, "movw 0xffff, %ax");
  CASE16("limit-dword", V86, "movl 0xfffd, %eax");
  CASE16("limit-last", V86, "movl $7, 0xfffc; movl 0xfffc, %eax");
  CASE16("limit-32-bit-address", V86, "movl $0x10000, %ebx; movb (%ebx), %al");
  CASE16("limit-stack", V86, "movw $0xffff, %bp; movw (%bp), %ax");
  CASE16("push-wrap", V86, "movw $1, %sp; pushw %ax");
  CASE16("push-zero", V86, "xorw %sp, %sp; pushw %ax; movl 0xfffe, %ecx");
  CASE16("far-jump", V86, ".byte 0xea; .word 0x70, 0x2001");
  CASE16("far-call", V86, ".byte 0x9a; .word 0x70, 0x2001");
  CASE16("far-return", V86, "pushw $0x2001; pushw $0x70; lret $2");
  CASE16("far-jump-32-beyond", V86, ".byte 0x66, 0xea; .long 0x10000; .word 0x2001");
  CASE16("code-write", V86, "movb $0x99, %cs:0x1000; movb %cs:0x1000, %al");
  CASE16("les", V86, "movl $0x12345678, 0x10; les 0x10, %bx");
}

static void ports(void) {
  heading("I/O bitmap");
  begin(V86);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  RUN16("v86-allowed", "outb %al, $0x80; movw $1, %cx");
  begin(V86_IOPL3);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  RUN16("v86-refused-at-iopl3", "outb %al, $0x81");
  begin(V86);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  RUN16("v86-word-refused", "outw %ax, $0x80");
  begin(V86);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfc);
  RUN16("v86-word-allowed", "outw %ax, $0x80; movw $1, %cx");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  RUN32("ring3-allowed", "outb %al, $0x80; movw $1, %cx");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0x7f);
  RUN32("ring3-straddles", "outw %ax, $0x87");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0x7f);
  poke8(TSS + 0x68 + 0x88 / 8, 0xfe);
  RUN32("ring3-straddles-allowed", "movw $0x87, %dx; outw %ax, %dx; movw $1, %cx");
  begin(RING3);
  in.eflags |= FL_IOPL(3);
  RUN32("ring3-iopl3", "outb %al, $0x80; cli; sti; movw $1, %cx");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0);
  descriptor(SEL_TSS, TSS, 0x67, A_TSS32, 0);
  __asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
  RUN32("bitmap-beyond-limit", "outb %al, $0x80");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0);
  descriptor(SEL_TSS, TSS, 0x68 + 0x80 / 8, A_TSS32, 0);
  __asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
  RUN32("bitmap-second-byte-beyond", "outb %al, $0x80");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0);
  descriptor(SEL_TSS, TSS, 0x69 + 0x80 / 8, A_TSS32, 0);
  __asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
  RUN32("bitmap-second-byte-last", "outb %al, $0x80; movw $1, %cx");
  begin(RING3);
  poke8(TSS + 0x68 + 0x80 / 8, 0);
  RUN32("rep-outs", "movw $0x80, %dx; movl $0x30000, %esi; movl $3, %ecx; cld; rep outsb");
}

static void gates(void) {
  heading("V86 gates");
  HANDLER("32", 0, "movl %ds, %eax; movl %gs, %ecx; pushfl; popl %edx");
  begin(V86_IOPL3);
  in.eflags |= FL_IF | FL_NT;
  in.gs = 0x1234;
  gate(IDT, 0x41, CODE0, CODE2, A_INT32 | DPL(3), 0);
  RUN16("int-inner", "int $0x41");
  show("frame", INNER_STACK - 36, 9);
  begin(V86_IOPL3);
  gate(IDT, 0x41, CODE3, CODE2, A_INT32 | DPL(3), 0);
  RUN16("int-ring3", "int $0x41");
  begin(V86_IOPL3);
  gate(IDT, 0x41, CODE1, CODE2, A_INT32 | DPL(3), 0);
  RUN16("int-ring1", "int $0x41");
  begin(V86_IOPL3);
  gate(IDT, 0x41, CONFORMING, CODE2, A_INT32 | DPL(3), 0);
  RUN16("int-conforming", "int $0x41");
  begin(V86_IOPL3);
  gate(IDT, 0x41, CODE0, CODE2, A_INT32, 0);
  RUN16("int-dpl0", "int $0x41");
  begin(V86);
  gate(IDT, 13, CODE0, CODE2, A_INT32, 0);
  RUN16("fault-error-code", "hlt");
  show("frame", INNER_STACK - 40, 10);
  HANDLER("32", 0, "movzwl (%esp), %eax");
  begin(V86_IOPL3);
  descriptor(SPARE, CODE2, 0xffff, A_CODE, F_32);
  gate(IDT, 0x41, SPARE, 0xffff0000, A_INT16 | DPL(3), 0);
  RUN16("int16-inner", "int $0x41");
  show("frame", INNER_STACK - 20, 5);
  HANDLER("32", 0, "iret");
  begin(V86_IOPL3);
  gate(IDT, 0x41, CODE0, CODE2, A_INT32 | DPL(3), 0);
  RUN16("round-trip", "int $0x41; movw $0x77, %cx");
}

void cases_v86(void) {
  sensitive(V86, "V86 IOPL 0");
  sensitive(V86_IOPL3, "V86 IOPL 3");
  segments();
  ports();
  gates();
}
