// usage: harness DIRECTORY [GROUP...]: writes one file per group.
#include <stdio.h>
#include <string.h>
#include "execute.h"
#include "format.h"
#include "groups.h"
#include "random.h"

static uint32_t hash(const char *text) {
  uint32_t h = 2166136261u;
  for (; *text; text++) h = (h ^ (uint8_t)*text) * 16777619u;
  return h;
}

static int write_group(const char *directory, const struct group *g) {
  static struct vector v;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.bin", directory, g->name);
  FILE *file = fopen(path, "wb+");
  if (!file) {
    perror(path);
    return 1;
  }
  uint32_t seed = hash(g->name), made = 0, exceptions = 0;
  random_seed(seed);
  format_header(file, g->name, g->count, g->simd);
  while (made < (uint32_t)g->count) {
    vector_start(&v, seed + made);
    v.simd = g->simd;
    if (!g->make(&v)) continue;
    execute(&v);
    if (g->keep && !g->keep(&v)) continue;
    exceptions += v.exception >= 0;
    format_vector(file, &v);
    made++;
  }
  printf("%-12s %6u vectors, %5u end in an exception, %8ld bytes\n", g->name, made, exceptions, ftell(file));
  return fclose(file);
}

int main(int count, char **arguments) {
  static const struct group_list *const lists[] = {&integer_groups, &control_groups, &stack_groups, &string_groups,
                                                  &fault_groups,   &simd_groups,    &block_groups};
  if (count < 2) {
    fprintf(stderr, "usage: harness DIRECTORY [GROUP...]\n");
    return 2;
  }
  execute_init();
  for (unsigned i = 0; i < sizeof lists / sizeof *lists; i++)
    for (int k = 0; k < lists[i]->count; k++) {
      const struct group *g = &lists[i]->groups[k];
      int wanted = count == 2;
      for (int a = 2; a < count; a++) wanted |= !strcmp(arguments[a], g->name);
      if (wanted && write_group(arguments[1], g)) return 1;
    }
  return 0;
}
