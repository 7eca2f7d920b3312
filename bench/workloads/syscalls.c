// The way into the kernel and back: the cheapest system call in a loop, then two processes that pass a byte to and fro.
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { CALLS = 240000, EXCHANGES = 10000 };

static void play(int in, int out, int exchanges) {
  for (unsigned char ball; exchanges > 0; exchanges--)
    if (read(in, &ball, 1) != 1 || write(out, &ball, 1) != 1) _exit(1);
}

static uint32_t run(void) {
  int there[2], back[2], status;
  unsigned char ball = 7;
  pid_t self = getpid();
  for (int i = 0; i < CALLS; i++)
    if (syscall(SYS_getpid) != self) fail("getpid");
  if (pipe(there) < 0 || pipe(back) < 0) fail("pipe");
  pid_t other = fork();
  if (other < 0) fail("fork");
  if (other == 0) {
    play(there[0], back[1], EXCHANGES);
    _exit(0);
  }
  if (write(there[1], &ball, 1) != 1) fail("write");
  play(back[0], there[1], EXCHANGES - 1);
  if (read(back[0], &ball, 1) != 1) fail("read");
  if (waitpid(other, &status, 0) < 0 || status != 0) fail("the other process");
  for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
  return mix(FNV_START, ball);
}

const struct workload syscalls = {.name = "syscalls", .run = run};
