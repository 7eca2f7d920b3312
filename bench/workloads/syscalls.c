// The way into the kernel and back: the cheapest system call in a loop, then two processes that pass a byte to and fro.
#include <sys/syscall.h>
#include <unistd.h>

#include "exchange.h"
#include "workload.h"

enum { CALLS = 240000, EXCHANGES = 10000 };

static uint32_t run(void) {
  pid_t self = getpid();
  for (int i = 0; i < CALLS; i++)
    if (syscall(SYS_getpid) != self) fail("getpid");
  return exchange_by_pipes(EXCHANGES);
}

const struct workload syscalls = {.name = "syscalls", .run = run};
