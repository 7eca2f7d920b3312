/* Exceptions that an instruction raises by itself, what is undefined and what is merely undocumented (SDM vol. 2; vol. 3
 * chapter 6). */
#include "cases.h"
#include "machine.h"

static void divisions(void) {
  heading("divisions");
  CASE("div8-zero", RING0, "movb $0, %cl; divb %cl");
  CASE("div8-overflow", RING0, "movw $0x200, %ax; movb $2, %cl; divb %cl");
  CASE("div8-largest", RING0, "movw $0x1ff, %ax; movb $2, %cl; divb %cl");
  CASE("div16-overflow", RING0, "movw $2, %dx; movw $2, %cx; divw %cx");
  CASE("div32-overflow", RING0, "movl $7, %edx; movl $7, %ecx; divl %ecx");
  CASE("div32-largest", RING0, "movl $6, %edx; movl $-1, %eax; movl $7, %ecx; divl %ecx");
  CASE("idiv8-lowest", RING0, "movw $-256, %ax; movb $2, %cl; idivb %cl");
  CASE("idiv8-below", RING0, "movw $-258, %ax; movb $2, %cl; idivb %cl");
  CASE("idiv8-above", RING0, "movw $256, %ax; movb $2, %cl; idivb %cl");
  CASE("idiv16-minimum", RING0, "movw $-1, %dx; movw $0x8000, %ax; movw $-1, %cx; idivw %cx");
  CASE("idiv32-minimum", RING0, "movl $-1, %edx; movl $0x80000000, %eax; movl $-1, %ecx; idivl %ecx");
  CASE("idiv32-lowest", RING0, "movl $-1, %edx; movl $0x80000000, %eax; movl $1, %ecx; idivl %ecx");
  CASE("aam-zero", RING0, ".byte 0xd4, 0");
  CASE("aam-7", RING0, "movb $50, %al; .byte 0xd4, 7; pushfl; andl $0xc4, (%esp); popl %ebx; xorl %eax, %ecx; cmpl %eax, %eax");
  CASE("aad-7", RING0, "movw $0x0301, %ax; .byte 0xd5, 7; pushfl; andl $0xc4, (%esp); popl %ebx; cmpl %eax, %eax");
}

static void invalid(void) {
  heading("invalid encodings");
  CASE("ud2", RING0, "ud2");
  CASE("ud1", RING0, ".byte 0x0f, 0xb9, 0xc0");
  CASE("ud0", RING0, ".byte 0x0f, 0xff, 0xc0");
  CASE("loadall286", RING0, ".byte 0x0f, 0x04");
  CASE("loadall386", RING0, ".byte 0x0f, 0x07");
  CASE("lea-register", RING0, ".byte 0x8d, 0xc0");
  CASE("mov-to-cs", RING0, "movw $8, %ax; .byte 0x8e, 0xc8");
  CASE("mov-to-segment-6", RING0, ".byte 0x8e, 0xf0");
  CASE("mov-from-segment-7", RING0, ".byte 0x8c, 0xf8");
  CASE("les-register", RING0, ".byte 0xc4, 0xc0");
  CASE("lds-register", RING0, ".byte 0xc5, 0xc0");
  CASE("lss-register", RING0, ".byte 0x0f, 0xb2, 0xc0");
  CASE("bound-register", RING0, ".byte 0x62, 0xc0");
  CASE("jmpf-register", RING0, ".byte 0xff, 0xe8");
  CASE("callf-register", RING0, ".byte 0xff, 0xd8");
  CASE("ff-7", RING0, ".byte 0xff, 0xf8");
  CASE("fe-2", RING0, ".byte 0xfe, 0xd0");
  CASE("fe-7", RING0, ".byte 0xfe, 0xf8");
  CASE("8f-1", RING0, ".byte 0x8f, 0xc8");
  CASE("c6-1", RING0, ".byte 0xc6, 0xc8, 0");
  CASE("c7-1", RING0, ".byte 0xc7, 0xc8, 0, 0, 0, 0");
  CASE("0f-ba-0", RING0, ".byte 0x0f, 0xba, 0xc0, 0");
  CASE("cmpxchg8b-register", RING0, ".byte 0x0f, 0xc7, 0xc8");
  CASE("sgdt-register", RING0, ".byte 0x0f, 0x01, 0xc0");
  CASE("lgdt-register", RING0, ".byte 0x0f, 0x01, 0xd0");
  CASE("invlpg-register", RING0, ".byte 0x0f, 0x01, 0xff");
  CASE("mov-cr1", RING0, ".byte 0x0f, 0x20, 0xc8");
  CASE("mov-to-cr1", RING0, ".byte 0x0f, 0x22, 0xc8");
  CASE("mov-cr5", RING0, ".byte 0x0f, 0x20, 0xe8");
  CASE("mov-tr6", RING0, ".byte 0x0f, 0x24, 0xf0");
  CASE("cs-prefix-branch", RING0, ".byte 0x2e, 0x75, 0x00");
}

static void lock_and_length(void) {
  heading("LOCK, length");
  CASE("lock-nop", RING0, ".byte 0xf0, 0x90");
  CASE("lock-mov", RING0, ".byte 0xf0, 0x89, 0x05; .long 0x30000");
  CASE("lock-add-register", RING0, ".byte 0xf0, 0x01, 0xc0");
  CASE("lock-add-load", RING0, ".byte 0xf0, 0x03, 0x05; .long 0x30000");
  CASE("lock-cmp", RING0, ".byte 0xf0, 0x39, 0x05; .long 0x30000");
  CASE("lock-test", RING0, ".byte 0xf0, 0x85, 0x05; .long 0x30000");
  CASE("lock-bt", RING0, ".byte 0xf0, 0x0f, 0xba, 0x25; .long 0x30000; .byte 0");
  CASE("lock-shl", RING0, ".byte 0xf0, 0xd1, 0x25; .long 0x30000");
  CASE("lock-inc", RING0, "movl $4, 0x30000; lock incl 0x30000; movl 0x30000, %ecx; xorl %eax, %eax");
  CASE("lock-add", RING0, "movl $4, 0x30000; lock addl $3, 0x30000; movl 0x30000, %ecx; xorl %eax, %eax");
  CASE("lock-xchg", RING0, "movl $4, 0x30000; lock xchgl %ebx, 0x30000; movl 0x30000, %ecx");
  CASE("lock-xadd", RING0, "movl $4, 0x30000; lock xaddl %ebx, 0x30000; movl 0x30000, %ecx; xorl %eax, %eax");
  CASE("lock-cmpxchg8b", RING0, "movl %eax, 0x30000; movl %edx, 0x30004; lock cmpxchg8b 0x30000; movl 0x30000, %esi; movl 0x30004, %edi");
  CASE("lock-bts", RING0, "movl $4, 0x30000; lock btsl $1, 0x30000; movl 0x30000, %ecx; xorl %eax, %eax");
  CASE("length-15", RING0, ".rept 14; .byte 0x3e; .endr; nop");
  CASE("length-16", RING0, ".rept 15; .byte 0x3e; .endr; nop");
  CASE("length-15-immediate", RING0, ".rept 9; .byte 0x3e; .endr; .byte 0xc7, 0xc1; .long 0x12345678");
  CASE("length-16-immediate", RING0, ".rept 10; .byte 0x3e; .endr; .byte 0xc7, 0xc1; .long 0x12345678");
}

static void undocumented(void) {
  heading("undocumented");
  CASE("salc-0", RING0, "clc; .byte 0xd6");
  CASE("salc-1", RING0, "stc; .byte 0xd6");
  CASE("shl-alias", RING0, "movl $0x40000001, %ecx; .byte 0xd1, 0xf1; pushfl; andl $0x8c5, (%esp); popl %ebx; xorl %eax, %eax");
  CASE("shl8-alias", RING0, "movb $0x81, %cl; .byte 0xc0, 0xf1, 1; pushfl; andl $0xc5, (%esp); popl %ebx; xorl %eax, %eax");
  CASE("test-alias8", RING0, "movb $0x81, %cl; .byte 0xf6, 0xc9, 0x80; pushfl; andl $0x8c5, (%esp); popl %ebx; cmpl %eax, %eax");
  CASE("test-alias32", RING0, ".byte 0xf7, 0xc9; .long 0x1; pushfl; andl $0x8c5, (%esp); popl %ebx; cmpl %eax, %eax");
  CASE("group-82", RING0, "movb $5, %cl; .byte 0x82, 0xc1, 0xff; pushfl; popl %ebx; cmpl %eax, %eax");
  CASE("bsf-zero", RING0, "movl $0x12345678, %ecx; xorl %eax, %eax; bsfl %eax, %ecx; setz %bl; cmpl %eax, %eax");
  CASE("bsr-zero", RING0, "movl $0x12345678, %ecx; xorl %eax, %eax; bsrl %eax, %ecx; setz %bl; cmpl %eax, %eax");
  CASE("bsf16-zero", RING0, "movl $0x12345678, %ecx; xorl %eax, %eax; bsfw %ax, %cx; setz %bl; cmpl %eax, %eax");
  CASE("bswap16", RING0, "movl $0x12345678, %ecx; .byte 0x0f, 0xc9");
  CASE("nop-long", RING0, ".byte 0x0f, 0x1f, 0x00; .byte 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0");
  CASE("movzx-word-to-word", RING0, ".byte 0x66, 0x0f, 0xb7, 0xcb");
  CASE("mov-from-segment-32", RING0, "movl %ds, %ecx");
  CASE("smsw-32", RING0, "smswl %ecx; andl $0x7fffffff, %ecx");
  CASE("repne-nop", RING0, ".byte 0xf2, 0x90");
  CASE("operand-prefix-order", RING0, ".byte 0xf3, 0x66, 0x90");
  CASE("xlat-override", RING0, "movl $0x30000, %ebx; movl $4, %eax; movb $0x5a, 0x30004; xlat");
}

static void software(void) {
  heading("software interrupts");
  CASE("int3", RING0, "int3");
  CASE("int3-ring3", RING3, "int3");
  CASE("int-3-long", RING3, ".byte 0xcd, 3");
  CASE("into-taken", RING3, "movb $0x7f, %al; addb $1, %al; into");
  CASE("into-not-taken", RING3, "xorl %eax, %eax; into");
  CASE("int1", RING0, ".byte 0xf1");
  CASE("int1-ring3", RING3, ".byte 0xf1");
  CASE("int-n-privileged", RING3, "int $0x20");
  CASE("int-n-absent", RING0, "int $0x50");
  begin(RING0);
  gate(IDT, 0x41, CODE0, 0, A_INT32 & ~PRESENT, 0);
  RUN32("int-n-not-present", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, CODE0, 0, A_GATE32, 0);
  RUN32("int-n-call-gate", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, 0, 0, A_INT32, 0);
  RUN32("int-n-null-code", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, DATA0, 0, A_INT32, 0);
  RUN32("int-n-data", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, 0x1f8, 0, A_INT32, 0);
  RUN32("int-n-beyond-table", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, ABSENT_CODE, 0, A_INT32, 0);
  RUN32("int-n-code-not-present", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, CODE3, 0, A_INT32, 0);
  RUN32("int-n-outer-code", "int $0x41");
  begin(RING0);
  gate(IDT, 0x41, CODE16, 0x10000, A_INT32, 0);
  RUN32("int-n-beyond-limit", "int $0x41");
  CASE("bound-inside", RING0, "movl $-5, 0x30000; movl $5, 0x30004; movl $5, %eax; bound %eax, 0x30000");
  CASE("bound-above", RING0, "movl $-5, 0x30000; movl $5, 0x30004; movl $6, %eax; bound %eax, 0x30000");
  CASE("bound-below", RING0, "movl $-5, 0x30000; movl $5, 0x30004; movl $-6, %eax; bound %eax, 0x30000");
  CASE("bound16-above", RING0, "movl $0x00050001, 0x30000; movl $6, %eax; .byte 0x66, 0x62, 0x05; .long 0x30000");
  CASE("bound16-inside", RING0, "movl $0x0005fff0, 0x30000; movl $0x7ffff1, %eax; .byte 0x66, 0x62, 0x05; .long 0x30000");
}

static void privileged(void) {
  heading("privileged instructions");
  CASE("hlt", RING3, "hlt");
  CASE("lgdt", RING3, "lgdt 0x30000");
  CASE("lidt", RING3, "lidt 0x30000");
  CASE("lldt", RING3, "lldt %ax");
  CASE("ltr", RING3, "ltr %ax");
  CASE("lmsw", RING3, "lmsw %ax");
  CASE("clts", RING3, "clts");
  CASE("invlpg", RING3, "invlpg 0x30000");
  CASE("wbinvd", RING3, "wbinvd");
  CASE("invd", RING3, "invd");
  CASE("mov-from-cr0", RING3, "movl %cr0, %eax");
  CASE("mov-to-cr3", RING3, "movl %eax, %cr3");
  CASE("mov-from-dr7", RING3, "movl %dr7, %eax");
  CASE("rdmsr", RING3, "movl $0x10, %ecx; rdmsr");
  CASE("wrmsr", RING3, "movl $0x10, %ecx; wrmsr");
  CASE("wrmsr-unknown", RING0, "movl $0x12345678, %ecx; wrmsr");
  CASE("cli", RING3, "cli");
  CASE("sti", RING3, "sti");
  CASE("in", RING3, "inb $0x80, %al");
  CASE("out-dx", RING3, "movw $0x80, %dx; outb %al, %dx");
  CASE("insb", RING3, "movw $0x80, %dx; movl $0x30000, %edi; insb");
  CASE("rep-outsb-0", RING3, "movw $0x80, %dx; movl $0x30000, %esi; xorl %ecx, %ecx; rep outsb");
  CASE("sysexit", RING3, "sysexit");
  CASE("sysenter-null", RING3, "sysenter");
  CASE("sgdt", RING3, "sgdt 0x30000; movl 0x30002, %ecx");
  CASE("smsw", RING3, "smsww %cx");
}

void cases_exceptions(void) {
  divisions();
  invalid();
  lock_and_length();
  undocumented();
  software();
  privileged();
}
