/*
 * What the programs share: snippets of code entered with known registers that end with an exception or with INT3, in encodings that
 * i386 and x86-64 have in common.
 */

#include "linux.h"
#include <ucontext.h>

#ifdef __x86_64__
#define REG(name) REG_R##name
#else
#define REG(name) REG_E##name
#endif

static void map(word address, u32 size, int rights, int sharing) {
  call(SYS_MMAP, address, size, rights, sharing | MAP_ANONYMOUS | MAP_FIXED, -1ul);
}

/* ---- Snippets */

enum { CODE = 0x10400000, DATA = 0x10500000, READ_ONLY = 0x104ff000, ABSENT = 0x10502000, STACK = 0x10600000 };
enum { BREAKPOINT = 3, INVALID_OPCODE = 6, GENERAL_PROTECTION = 13, PAGE_FAULT = 14, ALIGNMENT_CHECK = 17 };
enum { EFLAGS = 0x202, EFLAGS_AC = 0x40202 };

/* Registers on entry. Globals of the assembly below; its order. */
struct start {
  word flags, code, ax, cx, dx, bx, sp, bp, si, di;
};
__attribute__((used)) static struct start start;
__attribute__((used)) static word saved_sp;

/* What an attempt came to. `top`, `tag` (a bit for each register in use) and `control`: the x87's. */
static struct {
  u32 trap, top, tag, control;
  int moved;
} outcome;

extern char enter_code[], resume[], handler_entry[], restorer[];
#ifdef __x86_64__
__asm__(
    "enter_code: pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n"
    " movq %rsp, saved_sp; pushq start; popfq\n"
    " movq start+16, %rax; movq start+24, %rcx; movq start+32, %rdx; movq start+40, %rbx\n"
    " movq start+48, %rsp; movq start+56, %rbp; movq start+64, %rsi; movq start+72, %rdi; jmp *start+8\n"
    "resume: movq saved_sp, %rsp; popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx; ret\n"
    "handler_entry: pushq $0x202; popfq; jmp handler\n"
    "restorer: movl $15, %eax; syscall\n");
#else
__asm__(
    "enter_code: pushal; movl %esp, saved_sp; pushl start; popfl\n"
    " movl start+8, %eax; movl start+12, %ecx; movl start+16, %edx; movl start+20, %ebx\n"
    " movl start+24, %esp; movl start+28, %ebp; movl start+32, %esi; movl start+36, %edi; jmp *start+4\n"
    "resume: movl saved_sp, %esp; pushl %ss; popl %es; popal; ret\n"
    "handler_entry: pushl $0x202; popfl; jmp handler\n"
    "restorer: movl $173, %eax; int $0x80\n");
#endif

__attribute__((used)) static void handler(int number, siginfo_t *information, ucontext_t *context) {
  (void)number;
  (void)information;
  greg_t *registers = context->uc_mcontext.gregs;
  outcome.trap = registers[REG_TRAPNO];
  const word found[] = {registers[REG(CX)], registers[REG(BX)], registers[REG(SP)], registers[REG(BP)], registers[REG(SI)],
                        registers[REG(DI)]};
  const word before[] = {start.cx, start.bx, start.sp, start.bp, start.si, start.di};
  outcome.moved = 0;
  for (u32 n = 0; n < 6; n++) outcome.moved |= found[n] != before[n];
  const struct _libc_fpstate *x87 = context->uc_mcontext.fpregs;
#ifdef __x86_64__
  outcome.top = x87->swd >> 11 & 7;
  outcome.tag = x87->ftw & 0xff;
  outcome.control = x87->cwd;
#else
  outcome.top = x87->sw >> 11 & 7;
  outcome.tag = 0;
  for (u32 n = 0; n < 8; n++) outcome.tag |= (x87->tag >> 2 * n & 3) != 3 ? 1 << n : 0;
  outcome.control = x87->cw & 0xffff;
#endif
  registers[REG(IP)] = (word)resume;
  registers[REG(SP)] = saved_sp;
  registers[REG_EFL] = EFLAGS;
}

/* Registers at home, memory empty; a case changes what it needs. */
static void prepare(const u8 *code, u32 size) {
  memset((void *)CODE, 0xcc, 64);
  memcpy((void *)CODE, code, size);
  start = (struct start){EFLAGS, CODE, 0, 3, 0, DATA + 0x700, STACK + 0x800, STACK + 0x700, DATA + 0x500, DATA + 0x600};
}

static u32 attempt(void) {
  __asm__ volatile("call enter_code" ::: "memory", "cc");
  return outcome.trap;
}

static void begin(void) {
  static u8 stack[16384] __attribute__((aligned(16)));
  static const u8 faults[] = {4, 5, 7, 8, 11};
  map(CODE, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
  map(READ_ONLY, 0x1000, PROT_READ, MAP_PRIVATE);
  map(DATA, 0x2000, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  map(STACK, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  stack_t alternative = {.ss_sp = stack, .ss_size = sizeof stack};
  call(SYS_SIGALTSTACK, (word)&alternative, 0, 0, 0, 0);
  /* The kernel's form of sigaction: SA_SIGINFO, SA_RESTORER, SA_ONSTACK, SA_NODEFER. */
  struct {
    word handler, flags, restorer, mask[8 / sizeof(word)];
  } action = {(word)handler_entry, 0x4c000004, (word)restorer, {0}};
  for (u32 n = 0; n < sizeof faults; n++) call(SYS_SIGACTION, faults[n], (word)&action, 0, 8, 0);
}

/* "trap 17" or "runs". */
static void put_outcome(void) {
  if (outcome.trap == BREAKPOINT) {
    put("runs");
    return;
  }
  put("trap ");
  put_number(outcome.trap);
  if (outcome.moved) put(", registers changed");
}
