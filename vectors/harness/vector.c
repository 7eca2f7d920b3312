// Default state of a vector and the helpers that depart from it.
#include "vector.h"
#include <string.h>
#include "random.h"

void registers_from_seed(struct registers *r, uint32_t seed) {
  uint32_t s = seed;
  for (int i = 0; i < 8; i++) r->general[i] = mix32(&s);
  for (int i = 0; i < 8; i++) {
    uint32_t low = mix32(&s);
    r->mm[i] = low | (uint64_t)mix32(&s) << 32;
  }
  for (int i = 0; i < 32; i++) {
    uint32_t word = mix32(&s);
    memcpy(&r->xmm[i / 4][i % 4 * 4], &word, 4);
  }
  r->general[ESP] = STACK_START;
  r->eip = CODE_START;
  r->mxcsr = MXCSR_DEFAULT;
}

void page_pattern(uint32_t page_address, uint8_t *page) {
  uint32_t s = page_address;
  for (unsigned i = 0; i < PAGE; i += 4) {
    uint32_t word = mix32(&s);
    memcpy(page + i, &word, 4);
  }
}

void vector_start(struct vector *v, uint32_t seed) {
  memset(v, 0, sizeof *v);
  v->seed = seed;
  registers_from_seed(&v->before, seed);
  v->before.eflags = 2 | IF | (random_u32() & ARITHMETIC);
  v->now = v->before;
  v->exception = -1;
}

void vector_set(struct vector *v, int size, int reg, uint32_t value) {
  if (v->in_block) return;
  int shift = size == 1 && reg >= 4 ? 8 : 0;
  int number = size == 1 ? reg & 3 : reg;
  uint32_t mask = (size == 4 ? 0xffffffffu : (1u << size * 8) - 1) << shift;
  v->before.general[number] = (v->before.general[number] & ~mask) | (value << shift & mask);
  v->claimed |= 1 << number;
  v->now = v->before;
}

void vector_memory(struct vector *v, uint32_t address, const void *bytes, int size) {
  if (v->in_block || v->patch_count == MAX_PATCHES) return;
  struct patch *p = &v->patches[v->patch_count++];
  p->address = address;
  p->size = size;
  memcpy(p->bytes, bytes, size);
}
