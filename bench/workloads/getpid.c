// The cheapest system call in a loop: the way into the kernel and back.
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

enum { CALLS = 500000 };

static uint32_t run(void) {
  pid_t self = getpid();
  for (int i = 0; i < CALLS; i++)
    if (syscall(SYS_getpid) != self) fail("getpid");
  return CALLS;
}

const struct workload getpid_calls = {.name = "getpid", .run = run, .operations = CALLS};
