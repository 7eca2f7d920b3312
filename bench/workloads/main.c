// workloads NAME...   runs workloads and prints for each, on lines of their own,
//     @begin NAME
//     @end NAME SECONDS CHECKSUM OPERATIONS
// with the time by the clock of the machine that it runs on. Whoever does not trust that clock (a guest's may be wrong) times
// the distance between the two lines.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workload.h"

static const struct workload *const workloads[] = {
    &sieve,    &interpreter,  &stack_machine, &recursion, &memory,          &sha256,  &nbody_x87,
    &nbody_sse2, &syscalls,   &getpid_calls,  &pipe_exchange, &socket_exchange, &signals, &processes,
    &fork_exit, &fork_exec,   &mappings,      &faults,    &script,          &http,    &gzip,
};
enum { WORKLOADS = sizeof workloads / sizeof *workloads };

void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  if (clock_gettime(CLOCK_MONOTONIC, &time) < 0) fail("clock_gettime");
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void time_workload(const struct workload *workload) {
  if (workload->prepare) workload->prepare();
  printf("@begin %s\n", workload->name);
  fflush(stdout);
  double start = now();
  uint32_t checksum = workload->run();
  double seconds = now() - start;
  printf("@end %s %.6f %08x %u\n", workload->name, seconds, checksum, workload->operations);
  fflush(stdout);
}

static const struct workload *find(const char *name) {
  for (int i = 0; i < WORKLOADS; i++)
    if (!strcmp(workloads[i]->name, name)) return workloads[i];
  fprintf(stderr, "%s: no such workload\n", name);
  exit(1);
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) time_workload(find(arguments[i]));
  return 0;
}
