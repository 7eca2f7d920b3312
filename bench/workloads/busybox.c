#include "busybox.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

void become_busybox(char *const arguments[]) {
  const char *busybox = getenv("BUSYBOX");
  if (!busybox) busybox = "/bin/busybox";
  setenv("BUSYBOX", busybox, 1);
  execv(busybox, arguments);
  fail(busybox);
}

pid_t start_busybox(char *const arguments[]) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) become_busybox(arguments);
  return child;
}

void run_busybox(char *const arguments[]) {
  int status;
  if (waitpid(start_busybox(arguments), &status, 0) < 0 || status != 0) fail(arguments[1]);
}
