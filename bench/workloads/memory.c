// Memory: a walk along a shuffled list, each load waiting for the one before it, and copies of large and small blocks.
#include <string.h>

#include "workload.h"

enum { NODES = 1 << 19, WALKS = 60, BLOCK = 1 << 20, COPIES = 5000 };

static struct node {
  struct node *next;
  uint32_t value;
} nodes[NODES];
static unsigned char from[BLOCK], to[BLOCK];

// One cycle through all nodes in random order (Sattolo's algorithm).
static void prepare(void) {
  static uint32_t order[NODES];
  uint32_t state = 1;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    uint32_t j = next_random(&state) % i, other = order[i];
    order[i] = order[j];
    order[j] = other;
  }
  for (uint32_t i = 0; i < NODES; i++) {
    nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
    nodes[order[i]].value = next_random(&state);
  }
  for (uint32_t i = 0; i < BLOCK; i++) from[i] = next_random(&state);
}

static uint32_t run(void) {
  uint32_t hash = FNV_START;
  const struct node *node = nodes;
  for (uint32_t i = 0; i < NODES * WALKS; i++) {
    hash = mix(hash, node->value);
    node = node->next;
  }
  for (uint32_t i = 0; i < COPIES; i++) {
    memcpy(to, from, BLOCK);
    for (uint32_t offset = 0; offset + 64 < BLOCK; offset += 4096) memcpy(from + offset, to + offset + i % 64, 64);
    hash = mix(hash, from[i * 3001 % BLOCK]);
  }
  return hash;
}

const struct workload memory = {.name = "memory", .prepare = prepare, .run = run};
