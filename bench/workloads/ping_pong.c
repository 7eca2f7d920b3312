// Two processes on one CPU that pass a byte to and fro: each time both wait, so each exchange is two changes of address space.
#define _GNU_SOURCE
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "workload.h"

enum { EXCHANGES = 10000 };

static cpu_set_t before;

// Both on the CPU that the caller is on: on two they would wait for each other's wake-up instead.
static void stay_on_one_cpu(void) {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof before, &before) < 0) fail("sched_getaffinity");
  CPU_ZERO(&cpus);
  CPU_SET(sched_getcpu(), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) fail("sched_setaffinity");
}

static void go_anywhere(void) {
  if (sched_setaffinity(0, sizeof before, &before) < 0) fail("sched_setaffinity");
}

static uint32_t run_pipe(void) {
  stay_on_one_cpu();
  uint32_t hash = exchange_by_pipes(EXCHANGES);
  go_anywhere();
  return hash;
}

static uint32_t run_socket(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) fail("socketpair");
  stay_on_one_cpu();
  uint32_t hash = exchange((int[]){ends[0], ends[0]}, (int[]){ends[1], ends[1]}, EXCHANGES);
  go_anywhere();
  for (int i = 0; i < 2; i++) close(ends[i]);
  return hash;
}

const struct workload pipe_exchange = {.name = "pipe", .run = run_pipe, .operations = EXCHANGES};
const struct workload socket_exchange = {.name = "unix-socket", .run = run_socket, .operations = EXCHANGES};
