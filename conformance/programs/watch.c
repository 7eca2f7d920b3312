/* An instruction in two pages while a debugger watches data in the second one, by ptrace; the watchpoint is met in the end. */

#include "straddle.h"
#include <sys/user.h>

enum { WATCHED = PAGES + 0x1800 };
enum { TRACE_ME = 0, POKE_USER = 6, CONTINUE = 7, STOP = 19, ALL_THREADS = 0x40000000 };

static void traced(void) {
  call(SYS_PTRACE, TRACE_ME, 0, 0, 0, 0);
  call(SYS_KILL, call(SYS_GETPID, 0, 0, 0, 0, 0), STOP, 0, 0, 0);
  const u32 count = wrong(EFLAGS);
  *(volatile u32 *)WATCHED = 1;
  leave(count != 0);
}

static u32 wait_for(word child) {
  int status = 0;
  call(SYS_WAIT4, child, (word)&status, ALL_THREADS, 0, 0);
  return status;
}

static u32 debug_register(word child, u32 n, word value) {
  return call(SYS_PTRACE, POKE_USER, child, offsetof(struct user, u_debugreg) + n * sizeof(word), value, 0);
}

int main_program(void) {
  prepare_pages();
  const word child = call(SYS_FORK, 0, 0, 0, 0, 0);
  if (child == 0) traced();
  tell("the child stops: ", wait_for(child));
  tell("DR0: ", debug_register(child, 0, WATCHED));
  /* Four bytes, written, enabled for the task. */
  tell("DR7: ", debug_register(child, 7, 0x000d0001));
  call(SYS_PTRACE, CONTINUE, child, 0, 0, 0);
  tell("at the watchpoint: ", wait_for(child));
  call(SYS_PTRACE, CONTINUE, child, 0, 0, 0);
  tell("the child ends: ", wait_for(child));
  return 0;
}
