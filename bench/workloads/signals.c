// A signal that a process sends to itself, and its handler.
#include <signal.h>
#include <unistd.h>

#include "workload.h"

enum { SIGNALS = 60000 };

static volatile sig_atomic_t handled;

static void handle(int number) {
  (void)number;
  handled++;
}

static uint32_t run(void) {
  struct sigaction action = {.sa_handler = handle}, before;
  handled = 0;
  if (sigaction(SIGUSR1, &action, &before) < 0) fail("sigaction");
  for (int i = 0; i < SIGNALS; i++)
    if (kill(getpid(), SIGUSR1) < 0) fail("kill");
  if (sigaction(SIGUSR1, &before, 0) < 0) fail("sigaction");
  return handled;
}

const struct workload signals = {.name = "signals", .run = run, .operations = SIGNALS};
