/* Loading segment registers, and what LAR, LSL, VERR, VERW and ARPL tell (SDM vol. 3 §5.3-§5.11; vol. 2). */
#include "cases.h"
#include "machine.h"

#define LOAD(name, mode, segment, selector)                                                                            \
  CASE(name, mode, "movl $" selector ", %eax; movl %eax, %" segment)

static void loads(void) {
  heading("segment loads");
  LOAD("ds-null", RING0, "ds", "0");
  LOAD("ds-null-rpl", RING0, "ds", "3");
  LOAD("ds-data", RING0, "ds", "0x10");
  LOAD("ds-readonly", RING0, "ds", "0x68");
  LOAD("ds-code", RING0, "ds", "0x08");
  LOAD("ds-execute-only", RING0, "ds", "0x70");
  LOAD("ds-conforming", RING3, "ds", "0x78");
  LOAD("ds-tss", RING0, "ds", "0x28");
  LOAD("ds-not-present", RING0, "ds", "0x80");
  LOAD("ds-beyond-gdt", RING0, "ds", "0x1f8");
  LOAD("ds-beyond-ldt", RING0, "ds", "0x47");
  LOAD("ds-privileged", RING3, "ds", "0x10");
  LOAD("ds-rpl", RING0, "ds", "0x13");
  LOAD("ds-rpl-ring3", RING3, "ds", "0x20");
  LOAD("fs-not-present", RING0, "fs", "0x80");
  LOAD("gs-ring1", RING3, "gs", "0xb9");
  LOAD("ss-null", RING0, "ss", "0");
  LOAD("ss-readonly", RING0, "ss", "0x68");
  LOAD("ss-code", RING0, "ss", "0x08");
  LOAD("ss-rpl", RING0, "ss", "0x13");
  LOAD("ss-outer", RING0, "ss", "0x23");
  LOAD("ss-dpl", RING0, "ss", "0x20");
  LOAD("ss-not-present", RING0, "ss", "0x80");
  LOAD("ss-beyond", RING0, "ss", "0x1f8");
  LOAD("ss-null-ring3", RING3, "ss", "3");
  begin(RING0);
  descriptor(4, 0, 0xfffff, A_DATA, F_32 | F_PAGES);
  RUN32("ds-ldt", "movl $4, %eax; movl %eax, %ds");
  begin(RING0);
  descriptor(SPARE, DATA, 0xfffff, A_DATA & ~1, F_32);
  RUN32("accessed-bit", "movl $0xd8, %eax; movl %eax, %ds");
  show("descriptor", GDT + SPARE, 2);
  CASE("pop-ds-null", RING0, "pushl $0; popl %ds");
  CASE("pop-ss-bad", RING0, "pushl $0x68; popl %ss");
  CASE("lds", RING0, "movl $0x12345678, 0x30000; movl $0x68, 0x30004; lds 0x30000, %ebx");
  CASE("les-bad", RING0, "movl $0x12345678, 0x30000; movl $0x80, 0x30004; les 0x30000, %ebx");
  CASE("lss-bad", RING0, "movl $0x12345678, 0x30000; movl $0x80, 0x30004; lss 0x30000, %esp");
  CASE("lfs-16", RING0, "movl $0x00685678, 0x30000; .byte 0x66, 0x0f, 0xb4, 0x1d; .long 0x30000");
  CASE("null-read", RING0, "xorl %eax, %eax; movl %eax, %ds; movl 0x30000, %eax");
  CASE("null-write", RING0, "xorl %eax, %eax; movl %eax, %es; movl %eax, %es:0x30000");
  CASE("lldt-null", RING0, "xorl %eax, %eax; lldt %ax; movl $4, %eax; movl %eax, %ds");
  CASE("lldt-bad-type", RING0, "movl $0x10, %eax; lldt %ax");
  CASE("lldt-in-ldt", RING0, "movl $4, %eax; lldt %ax");
  begin(RING0);
  descriptor(SPARE, LDT, 63, A_LDT & ~PRESENT, 0);
  RUN32("lldt-not-present", "movl $0xd8, %eax; lldt %ax");
  CASE("ltr-null", RING0, "xorl %eax, %eax; ltr %ax");
  CASE("ltr-busy", RING0, "movl $0x28, %eax; ltr %ax");
  CASE("ltr-data", RING0, "movl $0x10, %eax; ltr %ax");
  begin(RING0);
  descriptor(SPARE, TSS_OTHER, 103, A_TSS32 & ~PRESENT, 0);
  RUN32("ltr-not-present", "movl $0xd8, %eax; ltr %ax");
  begin(RING0);
  descriptor(SPARE, TSS_OTHER, 43, A_TSS16, 0);
  RUN32("ltr-16", "movl $0xd8, %eax; ltr %ax; str %cx");
  show("descriptor", GDT + SPARE, 2);
  CASE("sldt-32", RING0, "sldtl %ecx");
  CASE("str-memory", RING0, "movl $-1, 0x30000; str 0x30000; movl 0x30000, %ecx");
}

#define QUERY(instruction, name, mode, selector)                                                                       \
  CASE(instruction "-" name, mode, "movl $" selector ", %eax; cmpl %edx, %eax; " instruction " %eax, %ecx;"            \
       " pushfl; andl $0x40, (%esp); popl %ebx; cmpl %eax, %eax")
#define VERIFY(instruction, name, mode, selector)                                                                      \
  CASE(instruction "-" name, mode, "movl $" selector ", %eax; cmpl %edx, %eax; " instruction " %ax;"                   \
       " pushfl; andl $0x40, (%esp); popl %ebx; cmpl %eax, %eax")
#define ALL(name, mode, selector)                                                                                      \
  QUERY("lar", name, mode, selector);                                                                                  \
  QUERY("lsl", name, mode, selector);                                                                                  \
  VERIFY("verr", name, mode, selector);                                                                                \
  VERIFY("verw", name, mode, selector)

static void queries(void) {
  heading("LAR LSL VERR VERW");
  ALL("null", RING0, "0");
  ALL("code", RING0, "0x08");
  ALL("data", RING0, "0x10");
  ALL("data-rpl", RING0, "0x13");
  ALL("small", RING0, "0x50");
  ALL("readonly", RING0, "0x68");
  ALL("execute-only", RING0, "0x70");
  ALL("conforming", RING0, "0x78");
  ALL("not-present", RING0, "0x80");
  ALL("tss", RING0, "0x28");
  ALL("ldt", RING0, "0x38");
  ALL("beyond", RING0, "0x1f8");
  ALL("privileged-ring3", RING3, "0x10");
  ALL("conforming-ring3", RING3, "0x78");
  ALL("own-ring3", RING3, "0x23");
  ALL("tss-ring3", RING3, "0x28");
  for (u32 type = 0; type < 16; type++) {
    begin(RING0);
    descriptor(SPARE, 0x1234, 0x5678, PRESENT | type, 0);
    RUN32("lar-system-type", "movl $0xd8, %eax; cmpl %edx, %eax; lar %eax, %ecx; setz %bl; cmpl %eax, %eax");
    begin(RING0);
    descriptor(SPARE, 0x1234, 0x5678, PRESENT | type, 0);
    RUN32("lsl-system-type", "movl $0xd8, %eax; cmpl %edx, %eax; lsl %eax, %ecx; setz %bl; cmpl %eax, %eax");
  }
  CASE("lar-16", RING0, "movl $0x10, %eax; .byte 0x66, 0x0f, 0x02, 0xc8; setz %bl; cmpl %eax, %eax");
  CASE("lsl-16", RING0, "movl $0x10, %eax; .byte 0x66, 0x0f, 0x03, 0xc8; setz %bl; cmpl %eax, %eax");
  heading("ARPL");
  CASE("arpl-raises", RING0, "movl $0x10, %eax; movl $3, %ecx; arpl %cx, %ax; setz %bl; cmpl %edx, %edx");
  CASE("arpl-keeps", RING0, "movl $0x13, %eax; movl $1, %ecx; arpl %cx, %ax; setz %bl; cmpl %edx, %edx");
  CASE("arpl-equal", RING3, "movl $0x12, %eax; movl $2, %ecx; arpl %cx, %ax; setz %bl; cmpl %edx, %edx");
  CASE("arpl-memory", RING3, "movl $0xffff0010, 0x30000; movl $3, %ecx; arpl %cx, 0x30000; setz %bl; movl 0x30000, %edx; cmpl %edx, %edx");
  begin(RING0);
  in.ds = READONLY;
  poke32(DATA, 0x12);
  RUN32("arpl-read-only-unchanged", "movl $2, %ecx; arpl %cx, 0x30000; setz %bl; cmpl %edx, %edx");
  begin(RING0);
  in.ds = READONLY;
  poke32(DATA, 0x11);
  RUN32("arpl-read-only-changed", "movl $2, %ecx; arpl %cx, 0x30000");
}

void cases_segments(void) {
  loads();
  queries();
}
