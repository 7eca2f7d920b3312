/*
 * Linux system calls without a C library, text, and the entry of a program. They make i386 programs; the same source makes x86-64 ones, so
 * that a machine whose kernel runs no 32-bit code can tell what it does.
 */

#pragma once

#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef unsigned long word;

#ifdef __x86_64__
enum { SYS_WRITE = 1, SYS_MMAP = 9, SYS_SIGACTION = 13, SYS_SIGRETURN = 15, SYS_EXIT = 60, SYS_SIGALTSTACK = 131 };
enum { SYS_FORK = 57, SYS_WAIT4 = 61, SYS_KILL = 62, SYS_PTRACE = 101, SYS_GETPID = 39 };
#else
enum { SYS_WRITE = 4, SYS_MMAP = 192, SYS_SIGACTION = 174, SYS_SIGRETURN = 173, SYS_EXIT = 1, SYS_SIGALTSTACK = 186 };
enum { SYS_FORK = 2, SYS_WAIT4 = 114, SYS_KILL = 37, SYS_PTRACE = 26, SYS_GETPID = 20, SYS_EXECVE = 11, SYS_REBOOT = 88 };
#endif

static word call(word number, word a, word b, word c, word d, word e) {
  word result;
#ifdef __x86_64__
  register word r10 __asm__("r10") = d;
  register word r8 __asm__("r8") = e;
  register word r9 __asm__("r9") = 0;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
#else
  __asm__ volatile("pushl %%ebp\n xorl %%ebp, %%ebp\n int $0x80\n popl %%ebp"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory");
#endif
  return result;
}

static __attribute__((noreturn)) void leave(int status) {
  for (;;) call(SYS_EXIT, status, 0, 0, 0, 0);
}

__attribute__((used)) static const char source[] = "source-sha256:" SOURCE_SHA256;

/* ---- Text */

static char line[512];
static u32 length;

static void put(const char *text) {
  while (*text) line[length++] = *text++;
}

static void put_hex(u32 value, int digits) {
  while (digits--) line[length++] = "0123456789abcdef"[value >> (digits * 4) & 15];
}

static void put_number(u32 value) {
  if (value >= 10) put_number(value / 10);
  line[length++] = '0' + value % 10;
}

static void end_line(void) {
  line[length++] = '\n';
  call(SYS_WRITE, 1, (word)line, length, 0, 0);
  length = 0;
}

void *memset(void *to, int value, size_t size) {
  for (u8 *at = to; size--;) *at++ = value;
  return to;
}

void *memcpy(void *to, const void *from, size_t size) {
  u8 *at = to;
  for (const u8 *byte = from; size--;) *at++ = *byte++;
  return to;
}

/* ---- Entry */

/* The stack at entry: the number of arguments, the arguments, 0, the environment. */
__attribute__((used)) static word *arguments;

int main_program(void);
__attribute__((used, noreturn)) static void program(void) { leave(main_program()); }
#ifdef __x86_64__
__asm__(".globl _start\n_start: movq %rsp, arguments; andq $-16, %rsp; call program\n");
#else
__asm__(".globl _start\n_start: movl %esp, arguments; andl $-16, %esp; call program\n");
#endif
