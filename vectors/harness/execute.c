// Entering and leaving a vector is done by the kernel: a signal handler replaces the interrupted state by the vector's, and
// the return from the handler loads all of it at once. The vector ends in a trap (the INT3 behind its code, or its own
// exception), whose handler finds the complete state after it in the signal frame, then puts the harness's state back.
#include "execute.h"
#include <asm/ldt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// Offsets within the 32-bit signal frame's floating-point area: FSAVE image, then FXSAVE image and XSAVE header.
#define FP_STATUS 4
#define FP_TAG 8
#define FP_ST 28
#define FP_MXCSR 136
#define FP_XMM 272
#define FP_XSTATE_BV 624
#define FP_SIZE 632

static uint8_t data_before[DATA_SIZE], low_before[PAGE], stack_before[PAGE];
struct region writable_regions[3] = {
    {DATA_BASE, DATA_SIZE, data_before}, {LOW_BASE, PAGE, low_before}, {STACK_BASE, PAGE, stack_before}};

static struct vector *current;
static int running;
static gregset_t harness_registers;
static uint8_t harness_fp[FP_SIZE];
static uint32_t fs_selector;

static const int order[8] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};

// The return from a signal handler leaves these flags as the handler has them.
static void clear_sticky_flags(void) {
  __asm__ volatile("pushfl; andl %0, (%%esp); popfl" ::"i"(~(ID | NT)) : "cc", "memory");
}

static void enter(ucontext_t *context) {
  greg_t *g = context->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)context->uc_mcontext.fpregs;
  const struct registers *r = &current->before;
  memcpy(harness_registers, g, sizeof harness_registers);
  memcpy(harness_fp, fp, FP_SIZE);
  for (int i = 0; i < 8; i++) g[order[i]] = r->general[i];
  g[REG_UESP] = r->general[ESP];
  g[REG_EIP] = r->eip;
  g[REG_EFL] = r->eflags;
  g[REG_FS] = fs_selector;
  if (!current->simd) return;
  *(uint32_t *)(fp + FP_STATUS) = 0xffff0000u;
  *(uint32_t *)(fp + FP_TAG) = 0xffff0000u;
  for (int i = 0; i < 8; i++) {
    memcpy(fp + FP_ST + i * 10, &r->mm[i], 8);
    memset(fp + FP_ST + i * 10 + 8, 0xff, 2);
  }
  *(uint32_t *)(fp + FP_MXCSR) = r->mxcsr;
  memcpy(fp + FP_XMM, r->xmm, sizeof r->xmm);
  *(uint64_t *)(fp + FP_XSTATE_BV) |= 3;
}

static void leave(ucontext_t *context) {
  greg_t *g = context->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)context->uc_mcontext.fpregs;
  struct registers *r = &current->after;
  for (int i = 0; i < 8; i++) r->general[i] = g[order[i]];
  r->eip = g[REG_EIP];
  r->eflags = g[REG_EFL] & ~0x10000u;
  for (int i = 0; i < 8; i++) memcpy(&r->mm[i], fp + FP_ST + i * 10, 8);
  r->mxcsr = *(uint32_t *)(fp + FP_MXCSR);
  memcpy(r->xmm, fp + FP_XMM, sizeof r->xmm);

  uint32_t last = r->eip - 1 - current->before.eip;
  int own_trap = last < (uint32_t)current->code_size;
  if (g[REG_TRAPNO] == 3 && !own_trap) {
    r->eip--;
  } else {
    current->exception = g[REG_TRAPNO];
    current->error = g[REG_ERR];
    current->cr2 = g[REG_TRAPNO] == 14 ? context->uc_mcontext.cr2 : 0;
  }
  memcpy(g, harness_registers, sizeof harness_registers);
  memcpy(fp, harness_fp, FP_SIZE);
}

static void handle(int signal_number, siginfo_t *info, void *context) {
  (void)info;
  clear_sticky_flags();
  if (!current) {
    fprintf(stderr, "harness: signal %d outside of a vector\n", signal_number);
    _exit(1);
  }
  if (running) {
    leave(context);
    running = 0;
  } else {
    running = 1;
    enter(context);
  }
}

static void map(uint32_t address, uint32_t size, int protection) {
  void *p = mmap((void *)address, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (p != (void *)address) {
    fprintf(stderr, "harness: cannot map %u bytes at 0x%08x\n", size, address);
    exit(1);
  }
  for (uint32_t at = 0; at < size; at += PAGE) page_pattern(address + at, (uint8_t *)p + at);
  if (address == CODE_BASE) memset(p, 0xcc, size);
  if (mprotect(p, size, protection) != 0) {
    perror("harness: mprotect");
    exit(1);
  }
}

void execute_init(void) {
  map(CODE_BASE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(READONLY_BASE, PAGE, PROT_READ);
  for (int i = 0; i < 3; i++) {
    map(writable_regions[i].address, writable_regions[i].size, PROT_READ | PROT_WRITE);
    memcpy(writable_regions[i].before, (void *)writable_regions[i].address, writable_regions[i].size);
  }

  struct user_desc fs = {
      .entry_number = -1, .base_addr = FS_BASE, .limit = 0xfffff, .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
  if (syscall(SYS_set_thread_area, &fs) != 0) {
    perror("harness: set_thread_area");
    exit(1);
  }
  fs_selector = fs.entry_number * 8 + 3;

  static uint8_t signal_stack[65536];
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  static const int signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

// The pages as the vector wants them, in `before` and in the pages themselves.
static void set_memory(const struct vector *v) {
  for (int n = 0; n < 3; n++) {
    const struct region *r = &writable_regions[n];
    for (uint32_t at = 0; at < r->size; at += PAGE) page_pattern(r->address + at, r->before + at);
    for (int i = 0; i < v->patch_count; i++) {
      const struct patch *p = &v->patches[i];
      for (int k = 0; k < p->size; k++)
        if (p->address + k - r->address < r->size) r->before[p->address + k - r->address] = p->bytes[k];
    }
    memcpy((void *)r->address, r->before, r->size);
  }
}

void execute(struct vector *v) {
  set_memory(v);
  memcpy((void *)v->before.eip, v->code, v->code_size);
  v->exception = -1;
  current = v;
  __asm__ volatile("int3" ::: "memory");
  current = NULL;
  memset((void *)v->before.eip, 0xcc, v->code_size);
}
