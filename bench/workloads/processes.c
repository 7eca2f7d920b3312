// Processes and their memory: fork and exit, and pages that are touched for the first time or copied when written.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { FORKS = 1000, SHARED_PAGES = 64, MAPPINGS = 160, PAGES = 512, PAGE = 4096 };

static unsigned char shared[SHARED_PAGES][PAGE];

static void fork_and_exit(int number) {
  int status;
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    for (int page = 0; page < SHARED_PAGES; page++) shared[page][number % PAGE]++;
    _exit(shared[number % SHARED_PAGES][number % PAGE]);
  }
  if (waitpid(child, &status, 0) < 0) fail("waitpid");
  if (WEXITSTATUS(status) != 1) fail("the child process");
}

static uint32_t touch_new_pages(uint32_t hash) {
  unsigned char *pages = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) fail("mmap");
  for (int page = 0; page < PAGES; page++) {
    hash = mix(hash, pages[page * PAGE]);
    pages[page * PAGE + 1] = page;
  }
  if (munmap(pages, PAGES * PAGE) < 0) fail("munmap");
  return hash;
}

static uint32_t run(void) {
  uint32_t hash = FNV_START;
  for (int i = 0; i < FORKS; i++) fork_and_exit(i);
  for (int i = 0; i < MAPPINGS; i++) hash = touch_new_pages(hash);
  return hash;
}

const struct workload processes = {.name = "processes", .run = run};
