#include "exchange.h"

#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

static void play(int in, int out, int exchanges) {
  for (unsigned char ball; exchanges > 0; exchanges--)
    if (read(in, &ball, 1) != 1 || write(out, &ball, 1) != 1) _exit(1);
}

uint32_t exchange(const int mine[2], const int its[2], int exchanges) {
  int status;
  unsigned char ball = 7;
  pid_t other = fork();
  if (other < 0) fail("fork");
  if (other == 0) {
    play(its[0], its[1], exchanges);
    _exit(0);
  }
  if (write(mine[1], &ball, 1) != 1) fail("write");
  play(mine[0], mine[1], exchanges - 1);
  if (read(mine[0], &ball, 1) != 1) fail("read");
  if (waitpid(other, &status, 0) < 0 || status != 0) fail("the other process");
  return mix(FNV_START, ball);
}

uint32_t exchange_by_pipes(int exchanges) {
  int there[2], back[2];
  if (pipe(there) < 0 || pipe(back) < 0) fail("pipe");
  uint32_t hash = exchange((int[]){back[0], there[1]}, (int[]){there[0], back[1]}, exchanges);
  for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
  return hash;
}
