// A shell script as a start-up or a build runs them: many small processes, most of whose code runs a few times.
#include "busybox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workload.h"

enum { FOLDERS = 20, FILES = 25, ROUNDS = 12 };

static char folder[] = "/tmp/workload-tree-XXXXXX";

static void make_tree(void) {
  char path[100];
  if (!mkdtemp(folder)) fail(folder);
  for (int i = 0; i < FOLDERS; i++) {
    snprintf(path, sizeof path, "%s/folder-%d", folder, i);
    if (mkdir(path, 0700) < 0) fail(path);
    for (int j = 0; j < FILES; j++) {
      snprintf(path, sizeof path, "%s/folder-%d/file-%d.%s", folder, i, j, j % 5 ? "txt" : "c");
      int file = open(path, O_CREAT | O_WRONLY, 0600);
      if (file < 0 || write(file, path, 20) != 20) fail(path);
      close(file);
    }
  }
}

// Each command of busybox a process and an exec of its own, as with programs in files.
static char commands[] =
    "cd \"$1\" || exit 1; run() { \"$BUSYBOX\" \"$@\"; }; n=0\n"
    "while [ $n -lt \"$2\" ]; do\n"
    "  run find . -name '*.c' | run sort | run head -n 40 | run sed 's/folder/x/' >list || exit 1\n"
    "  for name in a b c d; do run basename \"/tmp/$name.txt\" .txt | run tr a-z A-Z >>list; done\n"
    "  run expr $n + 1 >count; read -r n <count\n"
    "  run md5sum list | run cut -d ' ' -f 1 >>sums\n"
    "done\n";

static uint32_t run(void) {
  char rounds[12], sums[100];
  uint32_t hash = FNV_START;
  snprintf(rounds, sizeof rounds, "%d", ROUNDS);
  run_busybox((char *[]){"busybox", "sh", "-c", commands, "script", folder, rounds, 0});
  snprintf(sums, sizeof sums, "%s/sums", folder);
  FILE *file = fopen(sums, "r");
  if (!file) fail(sums);
  for (int byte; (byte = getc(file)) != EOF;) hash = mix(hash, byte);
  fclose(file);
  if (hash == FNV_START) fail("no sums");
  run_busybox((char *[]){"busybox", "rm", "-r", folder, 0});
  return hash;
}

const struct workload script = {.name = "script", .prepare = make_tree, .run = run};
