// A program that nobody wrote as a benchmark: busybox's gzip over a text of made-up words.
#include "busybox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

enum { BYTES = 7 << 20, WORDS = 2000, LONGEST_WORD = 12 };

static char plain[] = "/tmp/workload-plain-XXXXXX", packed[] = "/tmp/workload-packed-XXXXXX";

static char *make_text(void) {
  static char words[WORDS][LONGEST_WORD + 2];
  uint32_t state = 1;
  char *text = malloc(BYTES + LONGEST_WORD + 2), *at = text;
  if (!text) fail("malloc");
  for (int i = 0; i < WORDS; i++) {
    int length = 2 + next_random(&state) % (LONGEST_WORD - 1);
    for (int j = 0; j < length; j++) words[i][j] = 'a' + next_random(&state) % 26;
    words[i][length] = i % 9 ? ' ' : '\n';
  }
  while (at < text + BYTES) at = stpcpy(at, words[next_random(&state) % (1 + next_random(&state) % WORDS)]);
  return text;
}

static void prepare(void) {
  int file = mkstemp(plain), other = mkstemp(packed);
  char *text = make_text();
  if (file < 0 || other < 0 || write(file, text, BYTES) != BYTES) fail(plain);
  close(file);
  close(other);
  free(text);
}

static void compress(void) {
  if (!freopen(plain, "r", stdin) || !freopen(packed, "w", stdout)) fail("freopen");
  become_busybox((char *[]){"busybox", "gzip", "-c", 0});
}

static uint32_t hash_file(const char *path) {
  static unsigned char buffer[1 << 16];
  uint32_t hash = FNV_START;
  int file = open(path, O_RDONLY);
  if (file < 0) fail(path);
  for (ssize_t count; (count = read(file, buffer, sizeof buffer)) > 0;)
    for (ssize_t i = 0; i < count; i++) hash = mix(hash, buffer[i]);
  close(file);
  return hash;
}

static uint32_t run(void) {
  int status;
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) compress();
  if (waitpid(child, &status, 0) < 0 || status != 0) fail("gzip");
  uint32_t hash = hash_file(packed);
  unlink(plain);
  unlink(packed);
  return hash;
}

const struct workload gzip = {.name = "gzip", .prepare = prepare, .run = run};
