// Processes that do next to nothing: a fork that copies and touches some pages and exits, and one that runs a program.
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { FORKS = 300, EXECS = 150, COPIED_PAGES = 64, NEW_PAGES = 32, PAGE = 4096 };

static unsigned char copied[COPIED_PAGES][PAGE];

static int wait_for(pid_t child) {
  int status;
  if (child < 0) fail("fork");
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int child_work(int number) {
  unsigned char *pages = mmap(0, NEW_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 2;
  for (int page = 0; page < COPIED_PAGES; page++) copied[page][number % PAGE] = 1;
  for (int page = 0; page < NEW_PAGES; page++) pages[page * PAGE] = 1;
  return copied[number % COPIED_PAGES][number % PAGE];
}

static uint32_t run_fork(void) {
  uint32_t hash = FNV_START;
  // Theirs are copies of pages that were written here.
  for (int page = 0; page < COPIED_PAGES; page++) copied[page][0] = 2;
  for (int i = 0; i < FORKS; i++) {
    pid_t child = fork();
    if (child == 0) _exit(child_work(i + 1));
    hash = mix(hash, wait_for(child));
  }
  return hash;
}

static uint32_t run_exec(void) {
  for (int i = 0; i < EXECS; i++) {
    pid_t child = fork();
    if (child == 0) {
      execl("/proc/self/exe", "workloads", (char *)0);
      _exit(127);
    }
    if (wait_for(child) != 0) fail("the program");
  }
  return EXECS;
}

const struct workload fork_exit = {.name = "fork-exit", .run = run_fork, .operations = FORKS};
const struct workload fork_exec = {.name = "fork-exec", .run = run_exec, .operations = EXECS};
