// usage: harness COUNT: prints so many programs, one line of JSON each (../README.md).
#include <stdio.h>
#include <stdlib.h>
#include "../../harness/random.h"
#include "program.h"

static const char *const fpu_names[] = {"none", "x87", "simd"};

static void print_list(const char *name, const uint32_t *values, int count) {
  printf(",\"%s\":[", name);
  for (int i = 0; i < count; i++) printf("%s%u", i ? "," : "", values[i]);
  printf("]");
}

static void print_program(const struct program *p) {
  printf("{\"seed\":%u,\"fpu\":\"%s\",\"eip\":%u,\"eflags\":%u,\"code\":\"", p->seed, fpu_names[p->fpu], p->eip, p->eflags);
  for (int i = 0; i < p->code_size; i++) printf("%02x", p->code[i]);
  printf("\"");
  print_list("general", p->general, 8);
  printf(",\"events\":[");
  for (int n = 0; n < p->event_count; n++) {
    const struct event *e = &p->events[n];
    printf("%s[%u,%u,%u,%u,%u,%u", n ? "," : "", e->vector, e->error, e->cr2, e->eip, e->eflags, e->status);
    for (int i = 0; i < 8; i++) printf(",%u", e->general[i]);
    printf("]");
  }
  printf("],\"vectors\":%u", p->vector_hash);
  print_list("pages", p->page_hashes, HASHED_PAGES);
  printf("}\n");
}

// Most programs fault in one of their first rounds; few of those are enough.
static int is_kept(const struct program *p) {
  uint32_t rounds = p->general[EBP] - p->events[p->event_count - 1].general[EBP];
  return rounds >= 12 || p->seed % 40 == 0;
}

int main(int count, char **arguments) {
  static struct program p;
  if (count != 2) {
    fprintf(stderr, "usage: harness COUNT\n");
    return 2;
  }
  run_init();
  for (int n = 0, kept = 0; kept < atoi(arguments[1]); n++) {
    generate(&p, 0x70726f67u + n);
    run(&p);
    if (!is_kept(&p)) continue;
    print_program(&p);
    kept++;
  }
  return 0;
}
