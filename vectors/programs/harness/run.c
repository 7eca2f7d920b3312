// Running a program: a signal handler replaces the interrupted state by the program's, each trap's handler notes the state
// in the signal frame and returns into the program, and the last one puts the harness's state back. Both run in 64-bit mode:
// generate.c uses only what is the same there. FS, the base of the program's data, is the C library's otherwise: handlers keep
// off it until they have put it back.
#include <asm/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include "program.h"

// Offsets within the signal frame's FXSAVE image and the XSAVE header behind it.
#define FP_CONTROL 0
#define FP_STATUS 2
#define FP_TAG 4
#define FP_MXCSR 24
#define FP_ST 32
#define FP_XMM 160
#define FP_XSTATE_BV 512
#define FP_SIZE 520

#define STATUS_COMPARED 0x3a7fu
// AF is undefined after logical instructions and shifts.
#define FLAGS_COMPARED (COMPARED | TF | AC) & ~AF

const uint32_t hashed_pages[HASHED_PAGES] = {LOW_BASE, DATA_BASE, DATA_BASE + PAGE};

static struct program *current;
static int running;
static gregset_t harness_registers;
static unsigned long harness_thread;
static uint8_t harness_fp[FP_SIZE];

static const int order[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI};

// The return from a signal handler leaves these flags as the handler has them, and AC would trap in the handler.
static inline __attribute__((always_inline)) void clear_sticky_flags(void) {
  __asm__ volatile("pushfq; andq %0, (%%rsp); popfq" ::"i"(~(long)(ID | NT | AC)) : "cc", "memory");
}

static uint32_t fnv(uint32_t hash, const void *bytes, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 16777619u;
  return hash;
}

// Raw, since the C library's own call keeps its error where FS points to.
static void set_fs_base(unsigned long base) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(base) : "rcx", "r11", "memory");
}

static void enter(ucontext_t *context) {
  greg_t *g = context->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)context->uc_mcontext.fpregs;
  memcpy(harness_registers, g, sizeof harness_registers);
  memcpy(harness_fp, fp, FP_SIZE);
  for (int i = REG_R8; i <= REG_R15; i++) g[i] = 0;
  for (int i = 0; i < 8; i++) g[order[i]] = current->general[i];
  g[REG_RIP] = current->eip;
  g[REG_EFL] = current->eflags;
  struct registers r;
  registers_from_seed(&r, current->seed);
  *(uint16_t *)(fp + FP_CONTROL) = 0x37f;
  *(uint16_t *)(fp + FP_STATUS) = 0;
  fp[FP_TAG] = 0xff;
  for (int i = 0; i < 8; i++) {
    memcpy(fp + FP_ST + i * 16, &r.mm[i], 8);
    memset(fp + FP_ST + i * 16 + 8, 0xff, 2);
  }
  *(uint32_t *)(fp + FP_MXCSR) = MXCSR_DEFAULT;
  memcpy(fp + FP_XMM, r.xmm, sizeof r.xmm);
  *(uint64_t *)(fp + FP_XSTATE_BV) |= 3;
  set_fs_base(FS_BASE);
}

// Notes the event. Returns whether the program goes on.
static int note(ucontext_t *context) {
  greg_t *g = context->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)context->uc_mcontext.fpregs;
  struct event *e = &current->events[current->event_count++];
  e->vector = g[REG_TRAPNO];
  e->error = e->vector == 1 || e->vector == 3 ? 0 : g[REG_ERR];
  e->cr2 = e->vector == 14 ? (uint32_t)g[REG_CR2] : 0;
  e->eip = g[REG_RIP];
  e->eflags = g[REG_EFL] & FLAGS_COMPARED;
  for (int i = 0; i < 8; i++) e->general[i] = g[order[i]];
  // What takes eight bytes of stack here takes four on a 32-bit CPU.
  e->general[ESP] += (STACK_START - e->general[ESP]) / 2;
  e->status = *(uint16_t *)(fp + FP_STATUS) & STATUS_COMPARED;
  if (e->vector == 1 && current->event_count < MAX_EVENTS) return 1;
  uint32_t hash = 2166136261u;
  for (int i = 0; i < 8; i++) hash = fnv(hash, fp + FP_ST + i * 16, 10);
  current->vector_hash = fnv(hash, fp + FP_XMM, 128);
  memcpy(g, harness_registers, sizeof harness_registers);
  memcpy(fp, harness_fp, FP_SIZE);
  set_fs_base(harness_thread);
  return 0;
}

static void handle(int signal_number, siginfo_t *info, void *context) {
  clear_sticky_flags();
  (void)info;
  if (!current) {
    fprintf(stderr, "harness: signal %d outside of a program\n", signal_number);
    _exit(1);
  }
  if (running) {
    running = note(context);
  } else {
    running = 1;
    enter(context);
  }
}

static void map(uint32_t address, uint32_t size, int protection) {
  void *p = mmap((void *)(uintptr_t)address, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (p != (void *)(uintptr_t)address) {
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

void run_init(void) {
  map(CODE_BASE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
  map(READONLY_BASE, PAGE, PROT_READ);
  map(STACK_BASE, PAGE, PROT_READ | PROT_WRITE);
  for (int i = 0; i < HASHED_PAGES; i++) map(hashed_pages[i], PAGE, PROT_READ | PROT_WRITE);
  syscall(SYS_arch_prctl, ARCH_GET_FS, &harness_thread);
  static uint8_t signal_stack[65536] __attribute__((aligned(64)));
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  static const int signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

void run(struct program *p) {
  for (int i = 0; i < HASHED_PAGES; i++) page_pattern(hashed_pages[i], (uint8_t *)(uintptr_t)hashed_pages[i]);
  memcpy((void *)(uintptr_t)p->eip, p->code, p->code_size);
  p->event_count = 0;
  current = p;
  __asm__ volatile("int3" ::: "memory");
  current = NULL;
  for (int i = 0; i < HASHED_PAGES; i++) p->page_hashes[i] = fnv(2166136261u, (void *)(uintptr_t)hashed_pages[i], PAGE);
  memset((void *)(uintptr_t)p->eip, 0xcc, p->code_size);
}
