/* Debug registers (SDM vol. 3 §17.2, §17.3). */
#include "cases.h"
#include "machine.h"

static void set(u32 n, u32 address) {
  switch (n) {
    case 0: __asm__ volatile("movl %0, %%dr0" : : "r"(address)); break;
    case 1: __asm__ volatile("movl %0, %%dr1" : : "r"(address)); break;
    case 2: __asm__ volatile("movl %0, %%dr2" : : "r"(address)); break;
    case 3: __asm__ volatile("movl %0, %%dr3" : : "r"(address)); break;
    case 6: __asm__ volatile("movl %0, %%dr6" : : "r"(address)); break;
    default: breakpoints = address;
  }
}

static u32 status(void) {
  u32 value;
  __asm__ volatile("movl %%dr6, %0" : "=r"(value));
  return value;
}

enum { EXECUTE, WRITE, IO, ACCESS };
#define CONTROL(n, type, length) (0x400u | (1u << (2 * (n))) | ((u32)(type) << (16 + 4 * (n))) | ((u32)((length)-1) << (18 + 4 * (n))))

/* One breakpoint in register n. */
static void watch(enum mode mode, u32 n, u32 type, u32 address, u32 length) {
  begin(mode);
  set(n, address);
  set(6, 0);
  set(7, CONTROL(n, type, length));
}

#define BROKEN(name, ...) do { RUN32(name, __VA_ARGS__); show_value("dr6", status()); } while (0)

static void registers(void) {
  heading("debug registers");
  CASE("read-back", RING0, "movl $0x12345678, %eax; movl %eax, %dr0; movl %dr0, %ecx; xorl %eax, %eax; movl %eax, %dr0");
  CASE("dr6-fixed", RING0, "movl $-1, %eax; movl %eax, %dr6; movl %dr6, %ecx; xorl %eax, %eax; movl %eax, %dr6; movl %dr6, %edx");
  CASE("dr7-fixed", RING0, "movl $0xffffdc00, %eax; movl %eax, %dr7; movl %dr7, %ecx; xorl %eax, %eax; movl %eax, %dr7; movl %dr7, %edx");
  CASE("dr4-alias", RING0, "movl %dr4, %ecx; movl %dr5, %edx");
  CASE("dr4-de", RING0, "movl %cr4, %eax; orl $8, %eax; movl %eax, %cr4; movl %dr4, %ecx");
  CASE("de-off", RING0, "movl %cr4, %eax; andl $~8, %eax; movl %eax, %cr4; xorl %eax, %eax");
  begin(RING0);
  set(6, 0);
  BROKEN("general-detect", "movl $0x2400, %eax; movl %eax, %dr7; movl $5, %ecx; movl %dr0, %eax");
  CASE("general-detect-cleared", RING0, "movl %dr7, %eax");
  CASE("ring3", RING3, "movl %eax, %dr0");
}

static void instruction(void) {
  heading("instruction breakpoints");
  watch(RING0, 0, EXECUTE, CODE + 5, 1);
  BROKEN("execute", "movl $1, %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING3, 3, EXECUTE, CODE + 5, 1);
  BROKEN("execute-ring3", "movl $1, %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, EXECUTE, CODE + 6, 1);
  BROKEN("execute-inside", "movl $1, %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, EXECUTE, CODE, 1);
  BROKEN("execute-first", "movl $1, %eax");
  watch(RING0, 0, EXECUTE, CODE, 1);
  in.eflags |= FL_RF;
  BROKEN("execute-resume", "movl $1, %eax");
  watch(RING0, 0, EXECUTE, CODE, 1);
  in.eflags |= FL_RF;
  BROKEN("execute-again", "incl %eax; cmpl $0xa1a2a3a8, %eax; jne .-6; nop");
  watch(RING0, 0, EXECUTE, CODE + 5, 1);
  set(7, 0x400);
  BROKEN("execute-disabled", "movl $1, %eax; movl $2, %ecx");
  watch(RING0, 0, EXECUTE, CODE + 5, 1);
  set(7, 0x402);
  BROKEN("execute-global", "movl $1, %eax; movl $2, %ecx");
  watch(RING0, 1, EXECUTE, CODE + 5, 1);
  BROKEN("after-branch", "jmp 1f; .byte 0x90, 0x90, 0x90; 1: movl $2, %ecx");
  watch(RING0, 1, EXECUTE, CODE + 7, 1);
  BROKEN("after-mov-ss", "movl $0x10, %eax; movl %eax, %ss; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 1, EXECUTE, CODE + 2, 1);
  in.eflags |= FL_TF;
  BROKEN("with-single-step", "movb $1, %al; movb $2, %cl; movb $3, %dl");
}

static void data(void) {
  heading("data breakpoints");
  watch(RING0, 0, WRITE, DATA, 4);
  BROKEN("write", "movl %eax, 0x30000; movl $2, %ecx; movl $3, %edx");
  watch(RING3, 0, WRITE, DATA, 4);
  BROKEN("write-ring3", "movl %eax, 0x30000; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, WRITE, DATA, 4);
  BROKEN("write-read", "movl 0x30000, %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 2, ACCESS, DATA, 4);
  poke32(DATA, 7);
  BROKEN("access-read", "movl 0x30000, %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 2, ACCESS, DATA, 1);
  BROKEN("access-beside", "movb %al, 0x30001; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 2, ACCESS, DATA, 2);
  BROKEN("access-overlap", "movl %eax, 0x2ffff; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 2, ACCESS, DATA + 3, 2);
  BROKEN("access-aligned-down", "movb %al, 0x30002; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 1, WRITE, DATA, 4);
  BROKEN("modify", "incl 0x30000; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 1, WRITE, STACK - 4, 4);
  BROKEN("push", "pushl %eax; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 1, WRITE, DATA + 0x1002, 1);
  BROKEN("rep-movs", "movl $0x30000, %esi; movl $0x31000, %edi; movl $8, %ecx; cld; rep movsb; movl $3, %edx");
  watch(RING0, 1, WRITE, DATA + 0x1002, 1);
  BROKEN("rep-stos", "xorl %eax, %eax; movl $0x31000, %edi; movl $8, %ecx; cld; rep stosb; movl $3, %edx");
  begin(RING0);
  set(0, DATA);
  set(1, DATA + 1);
  set(2, DATA + 8);
  set(6, 0);
  set(7, CONTROL(0, WRITE, 1) | CONTROL(1, WRITE, 1) | CONTROL(2, WRITE, 1));
  BROKEN("two-at-once", "movl %eax, 0x30000; movl $2, %ecx");
  begin(RING0);
  set(0, DATA);
  set(1, DATA);
  set(6, 0);
  set(7, CONTROL(0, WRITE, 1) | (CONTROL(1, WRITE, 1) & ~4u));
  BROKEN("disabled-reported", "movl %eax, 0x30000; movl $2, %ecx");
  watch(RING0, 0, WRITE, DATA, 4);
  in.eflags |= FL_TF;
  BROKEN("with-single-step", "movl %eax, 0x30000; movl $2, %ecx");
  begin(RING0);
  set(6, 0x200f);
  in.eflags |= FL_TF;
  BROKEN("single-step-renews", "movl %eax, 0x30000; movl $2, %ecx");
  watch(RING0, 0, WRITE, DATA, 4);
  set(6, 0xe00f);
  BROKEN("status-sticks", "movl %eax, 0x30000; movl $2, %ecx");
  watch(RING0, 0, WRITE, DATA, 4);
  BROKEN("fault-wins", "xorl %ecx, %ecx; divl %ecx");
  watch(RING0, 0, WRITE, DATA, 4);
  BROKEN("write-then-mov-ss", "movw %ss, 0x30000; movl $2, %ecx");
  watch(RING0, 0, ACCESS, DATA, 4);
  poke32(DATA, 0x10);
  BROKEN("mov-ss-from-watched", "movw 0x30000, %ss; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, ACCESS, DATA, 4);
  poke32(DATA, 0x10);
  BROKEN("mov-ss-from-watched-int1", "movw 0x30000, %ss; .byte 0xf1; movl $2, %ecx");
  set(6, 0);
}

static void debug_extensions(u32 on) {
  __asm__ volatile("movl %%cr4, %%eax; andl $~8, %%eax; orl %0, %%eax; movl %%eax, %%cr4" : : "r"(on ? 8 : 0) : "eax");
}

static void ports(void) {
  heading("port breakpoints");
  debug_extensions(1);
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("out", "outb %al, $0x80; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 1, IO, 0x80, 1);
  BROKEN("in", "inb $0x80, %al; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x81, 1);
  BROKEN("out-word-over", "outw %ax, $0x80; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x80, 4);
  BROKEN("out-inside", "outb %al, $0x83; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x82, 4);
  BROKEN("out-aligned-down", "outb %al, $0x80; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("out-beside", "outb %al, $0x81; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("in-dx", "movl $0x80, %edx; inl %dx, %eax; movl $2, %ecx");
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("rep-outs", "movl $0x80, %edx; movl $0x30000, %esi; movl $3, %ecx; cld; rep outsb; movl $3, %ebx");
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("rep-ins", "movl $0x80, %edx; movl $0x30000, %edi; movl $3, %ecx; cld; rep insb; movl $3, %ebx");
  watch(RING0, 0, IO, DATA & 0xffff, 4);
  BROKEN("memory-is-no-port", "movl %eax, 0x30000; movl $2, %ecx");
  watch(RING0, 0, WRITE, 0x80, 1);
  BROKEN("port-is-no-memory", "outb %al, $0x80; movl $2, %ecx");
  watch(RING3, 0, IO, 0x80, 1);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  BROKEN("ring3", "outb %al, $0x80; movl $2, %ecx; movl $3, %edx");
  watch(RING3, 0, IO, 0x80, 1);
  BROKEN("ring3-refused", "outb %al, $0x80; movl $2, %ecx");
  watch(V86, 0, IO, 0x80, 1);
  poke8(TSS + 0x68 + 0x80 / 8, 0xfe);
  RUN16("v86", "outb %al, $0x80; movw $2, %cx; movw $3, %dx");
  show_value("dr6", status());
  begin(RING0);
  set(0, 0x80);
  set(3, 0x80);
  set(6, 0);
  set(7, CONTROL(0, IO, 1) | CONTROL(3, IO, 2));
  BROKEN("two-at-once", "outb %al, $0x80; movl $2, %ecx; movl $3, %edx");
  watch(RING0, 0, IO, 0x80, 1);
  in.eflags |= FL_TF;
  BROKEN("with-single-step", "outb %al, $0x80; movl $2, %ecx");
  watch(RING0, 0, IO, 0x80, 1);
  set(7, 0x400 | (IO << 16));
  BROKEN("not-enabled", "outb %al, $0x80; movl $2, %ecx");
  debug_extensions(0);
  watch(RING0, 0, IO, 0x80, 1);
  BROKEN("without-extensions", "outb %al, $0x80; movl $2, %ecx");
  set(6, 0);
}

void cases_debug(void) {
  registers();
  instruction();
  data();
  ports();
}
