// Memory that comes page by page: fresh mappings that are touched and unmapped, and faults on pages of a file that the kernel
// holds already.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "workload.h"

enum { MAPPINGS = 3000, MAPPED_PAGES = 16, FILE_PAGES = 256, PASSES = 100, PAGE = 4096 };

static uint32_t run_mappings(void) {
  uint32_t hash = FNV_START;
  for (int i = 0; i < MAPPINGS; i++) {
    unsigned char *pages = mmap(0, MAPPED_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) fail("mmap");
    for (int page = 0; page < MAPPED_PAGES; page++) {
      hash = mix(hash, pages[page * PAGE + page]);
      pages[page * PAGE] = i;
    }
    if (munmap(pages, MAPPED_PAGES * PAGE) < 0) fail("munmap");
  }
  return hash;
}

static unsigned char *pages_of_file;

static void map_file(void) {
  static unsigned char page[PAGE];
  char path[] = "/tmp/workload-pages-XXXXXX";
  int file = mkstemp(path);
  if (file < 0) fail(path);
  for (int i = 0; i < FILE_PAGES; i++) {
    page[0] = i;
    if (write(file, page, PAGE) != PAGE) fail("write");
  }
  pages_of_file = mmap(0, FILE_PAGES * PAGE, PROT_READ, MAP_SHARED, file, 0);
  if (pages_of_file == MAP_FAILED) fail("mmap");
  // One fault a page: the kernel would map their neighbours with them.
  if (madvise(pages_of_file, FILE_PAGES * PAGE, MADV_RANDOM) < 0) fail("madvise");
  close(file);
  unlink(path);
}

static uint32_t run_faults(void) {
  uint32_t hash = FNV_START;
  for (int pass = 0; pass < PASSES; pass++) {
    for (int page = 0; page < FILE_PAGES; page++) hash = mix(hash, pages_of_file[page * PAGE]);
    if (madvise(pages_of_file, FILE_PAGES * PAGE, MADV_DONTNEED) < 0) fail("madvise");
  }
  munmap(pages_of_file, FILE_PAGES * PAGE);
  return hash;
}

const struct workload mappings = {.name = "mmap", .run = run_mappings, .operations = MAPPINGS};
const struct workload faults = {
    .name = "page-faults", .prepare = map_file, .run = run_faults, .operations = PASSES * FILE_PAGES};
