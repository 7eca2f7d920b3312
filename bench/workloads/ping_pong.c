// Two processes on one CPU that pass a byte to and fro: each time both wait, so each exchange is two changes of address space.
#define _GNU_SOURCE
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { EXCHANGES = 10000 };

static void play(int in, int out, int exchanges) {
  for (unsigned char ball; exchanges > 0; exchanges--)
    if (read(in, &ball, 1) != 1 || write(out, &ball, 1) != 1) _exit(1);
}

// Both on the CPU that the caller is on: on two they would wait for each other's wake-up instead.
static void stay_on_one_cpu(void) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(sched_getcpu(), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) fail("sched_setaffinity");
}

// `mine` and `its`: what each reads from and writes to.
static uint32_t exchange(const int mine[2], const int its[2]) {
  int status;
  unsigned char ball = 7;
  cpu_set_t before;
  if (sched_getaffinity(0, sizeof before, &before) < 0) fail("sched_getaffinity");
  stay_on_one_cpu();
  pid_t other = fork();
  if (other < 0) fail("fork");
  if (other == 0) {
    play(its[0], its[1], EXCHANGES);
    _exit(0);
  }
  if (write(mine[1], &ball, 1) != 1) fail("write");
  play(mine[0], mine[1], EXCHANGES - 1);
  if (read(mine[0], &ball, 1) != 1) fail("read");
  if (waitpid(other, &status, 0) < 0 || status != 0) fail("the other process");
  if (sched_setaffinity(0, sizeof before, &before) < 0) fail("sched_setaffinity");
  return mix(FNV_START, ball);
}

static uint32_t run_pipe(void) {
  int there[2], back[2];
  if (pipe(there) < 0 || pipe(back) < 0) fail("pipe");
  uint32_t hash = exchange((int[]){back[0], there[1]}, (int[]){there[0], back[1]});
  for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
  return hash;
}

static uint32_t run_socket(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) fail("socketpair");
  uint32_t hash = exchange((int[]){ends[0], ends[0]}, (int[]){ends[1], ends[1]});
  for (int i = 0; i < 2; i++) close(ends[i]);
  return hash;
}

const struct workload pipe_exchange = {.name = "pipe", .run = run_pipe, .operations = EXCHANGES};
const struct workload socket_exchange = {.name = "unix-socket", .run = run_socket, .operations = EXCHANGES};
