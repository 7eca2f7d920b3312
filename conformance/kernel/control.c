/* Control registers, alignment checks, MSRs, SYSENTER (SDM vol. 3 §2.5, §6.15, §5.8.7). */
#include "cases.h"
#include "machine.h"

/* CR4.UMIP: 0x800 or 0. */
static void user_mode_instruction_prevention(u32 bit) {
  __asm__ volatile("movl %%cr4, %%eax; andl $~0x800, %%eax; orl %0, %%eax; movl %%eax, %%cr4" : : "r"(bit) : "eax");
}

static void control_registers(void) {
  heading("control registers");
  CASE("pg-without-pe", RING0, "movl %cr0, %eax; andl $~1, %eax; orl $0x80000000, %eax; movl %eax, %cr0");
  CASE("nw-without-cd", RING0, "movl %cr0, %eax; andl $~0x40000000, %eax; orl $0x20000000, %eax; movl %eax, %cr0");
  CASE("et-fixed", RING0, "movl %cr0, %eax; movl %eax, %ebx; andl $~0x10, %eax; movl %eax, %cr0; movl %cr0, %ecx; xorl %ebx, %ecx; xorl %eax, %eax; xorl %ebx, %ebx");
  CASE("lmsw-keeps-pe", RING0, "smsww %ax; andl $~1, %eax; lmsw %ax; smsww %cx; andl $1, %ecx; xorl %eax, %eax");
  CASE("lmsw-sets-ts", RING0, "smsww %ax; orl $8, %eax; lmsw %ax; smsww %cx; clts; andl $8, %ecx; xorl %eax, %eax");
  CASE("lmsw-only-low", RING0, "movl %cr0, %ebx; movl %ebx, %eax; orl $0xfff0, %eax; lmsw %ax; movl %cr0, %ecx; xorl %ebx, %ecx; xorl %eax, %eax; xorl %ebx, %ebx");
  CASE("cr4-reserved", RING0, "movl %cr4, %eax; orl $0x80000000, %eax; movl %eax, %cr4");
  static const char *const levels[] = {"UMIP ring0", "UMIP ring3", "UMIP v86"};
  static const enum mode modes[] = {RING0, RING3, V86};
  for (u32 n = 0; n < 3; n++) {
    heading(levels[n]);
    user_mode_instruction_prevention(0x800);
    if (modes[n] == V86) {
      begin(V86);
      RUN16("smsw", "smsww %ax");
      begin(V86);
      RUN16("sgdt", "sgdt 0x100");
      begin(V86);
      RUN16("sldt", "sldt %ax");
    } else {
      begin(modes[n]);
      RUN32("smsw", "smsww %ax");
      begin(modes[n]);
      RUN32("sgdt", "sgdt 0x30000");
      begin(modes[n]);
      RUN32("sidt", "sidt 0x30000");
      begin(modes[n]);
      RUN32("sldt", "sldt %ax");
      begin(modes[n]);
      RUN32("str", "str %ax");
    }
    user_mode_instruction_prevention(0);
  }
  CASE("cr2", RING0, "movl $0x12345678, %eax; movl %eax, %cr2; movl %cr2, %ecx; xorl %eax, %eax; movl %eax, %cr2");
  CASE("smsw-memory", RING0, "movl $-1, 0x30000; smsww 0x30000; movl 0x30000, %ecx");
  CASE("sgdt-16", RING0, "movl $-1, 0x30004; .byte 0x66, 0x0f, 0x01, 0x05; .long 0x30000; movl 0x30000, %eax; movl 0x30004, %ecx");
  CASE("sidt", RING0, "movl $-1, 0x30004; sidt 0x30000; movl 0x30000, %eax; movl 0x30004, %ecx");
  CASE("lidt-16", RING0, "movl $0x123407ff, 0x30000; movl $0x55555678, 0x30004; sidt 0x30010; .byte 0x66, 0x0f, 0x01, 0x1d; .long 0x30000; sidt 0x30020; lidt 0x30010; movl 0x30022, %ecx");
}

static void alignment(void) {
  heading("alignment checks");
  __asm__ volatile("movl %%cr0, %%eax; orl $0x40000, %%eax; movl %%eax, %%cr0" : : : "eax");
  static const struct { const char *name; enum mode mode; u32 flags; } modes[] = {
      {"ring3", RING3, FL_AC}, {"ring3-no-ac", RING3, 0}, {"ring0", RING0, FL_AC}};
  for (u32 n = 0; n < 3; n++) {
    heading_of("alignment checks ", modes[n].name);
#define ALIGNED(name, ...) do { begin(modes[n].mode); in.eflags |= modes[n].flags; RUN32(name, __VA_ARGS__); } while (0)
    ALIGNED("word-odd", "movw 0x30001, %cx; movl $1, %ecx");
    ALIGNED("dword-2", "movl 0x30002, %ecx; movl $1, %ecx");
    ALIGNED("dword-write-1", "movl %eax, 0x30001");
    ALIGNED("dword-aligned", "movl %eax, 0x30004");
    ALIGNED("byte", "movb %al, 0x30001");
    ALIGNED("modify-2", "xorl %eax, %eax; addl %eax, 0x30002");
    ALIGNED("push-2", "movl $0x37002, %esp; pushl %eax; movl $0x38000, %esp");
    ALIGNED("push-word-2", "movl $0x37002, %esp; pushw %ax; movl $0x38000, %esp");
    ALIGNED("qword-4", "fninit; fildll 0x30004; fstp %st(0)");
    ALIGNED("movs-odd", "movl $0x30000, %esi; movl $0x31001, %edi; cld; movsl");
    ALIGNED("rep-movsb", "movl $0x30001, %esi; movl $0x31001, %edi; movl $7, %ecx; cld; rep movsb");
    ALIGNED("rep-stosl-odd", "movl $0x31001, %edi; movl $3, %ecx; cld; rep stosl");
    ALIGNED("far-pointer-2", "movl $0x12345678, 0x30002; movw $0, 0x30006; lfs 0x30002, %ecx");
    ALIGNED("bound-aligned-4", "movl $0, 0x30004; movl $9, 0x30008; movl $5, %eax; bound %eax, 0x30004");
    ALIGNED("call-2", "movl $0x37002, %esp; call 1f; 1: movl $0x38000, %esp");
  }
  __asm__ volatile("movl %%cr0, %%eax; andl $~0x40000, %%eax; movl %%eax, %%cr0" : : : "eax");
  CASE("am-off", RING3, "pushl $0x40002; popfl; movl 0x30001, %ecx; pushl $2; popfl; movl $1, %ecx");
  begin(RING3);
  in.eflags |= FL_AC;
  __asm__ volatile("movl %%cr0, %%eax; orl $0x40000, %%eax; movl %%eax, %%cr0" : : : "eax");
  descriptor(SPARE, DATA + 1, 0xfffff, A_DATA | DPL(3), F_32);
  in.fs = SPARE | 3;
  RUN32("base-unaligned", "movl %fs:0, %ecx");
  begin(RING3);
  in.eflags |= FL_AC;
  descriptor(SPARE, DATA + 1, 0xfffff, A_DATA | DPL(3), F_32);
  in.fs = SPARE | 3;
  RUN32("base-compensates", "movl $7, %fs:3; movl %fs:3, %ecx");
  begin(V86);
  in.eflags |= FL_AC;
  RUN16("v86", "movw 1, %cx");
  __asm__ volatile("movl %%cr0, %%eax; andl $~0x40000, %%eax; movl %%eax, %%cr0" : : : "eax");
}

static void fast_calls(void) {
  heading("SYSENTER");
  __asm__ volatile("wrmsr" : : "c"(0x174), "a"(0x08), "d"(0));
  __asm__ volatile("wrmsr" : : "c"(0x175), "a"(0xe000), "d"(0));
  __asm__ volatile("wrmsr" : : "c"(0x176), "a"(CODE2), "d"(0));
  HANDLER("32", 0, "movl $0x77, %edi");
  begin(RING3);
  in.eflags |= FL_IF;
  RUN32("sysenter", "sysenter");
  CASE("sysexit", RING0, "movl $0x48000, %edx; movl $0x37000, %ecx; sysexit");
  CASE("sysexit-ring3", RING3, "sysexit");
  begin(V86);
  RUN16("sysenter-v86", "sysenter");
  __asm__ volatile("wrmsr" : : "c"(0x174), "a"(0), "d"(0));
}

void cases_control(void) {
  control_registers();
  alignment();
  fast_calls();
}
