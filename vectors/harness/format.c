// Serialises vectors. Only what departs from the defaults is written: registers that differ from those the seed gives,
// memory that differs from the pages' pattern, and afterwards what the code changed.
#include "format.h"
#include <string.h>
#include "execute.h"

static void put(FILE *file, uint32_t value, int size) { fwrite(&value, 1, size, file); }

static void put_text(FILE *file, const char *text) {
  size_t size = strlen(text);
  put(file, size, 2);
  fwrite(text, 1, size, file);
}

// Register numbers: 0..7 general, 8 EIP, 9 EFLAGS, 10 MXCSR, 16..23 MM, 24..31 XMM.
static void put_registers(FILE *file, const struct registers *from, const struct registers *to, int simd) {
  long count_at = ftell(file);
  int count = 0;
  put(file, 0, 1);
#define CHANGED(number, field, size)          \
  if (memcmp(&from->field, &to->field, size)) { \
    put(file, number, 1);                     \
    fwrite(&to->field, 1, size, file);        \
    count++;                                  \
  }
  for (int i = 0; i < 8; i++) CHANGED(i, general[i], 4)
  CHANGED(8, eip, 4)
  CHANGED(9, eflags, 4)
  if (simd) {
    CHANGED(10, mxcsr, 4)
    for (int i = 0; i < 8; i++) CHANGED(16 + i, mm[i], 8)
    for (int i = 0; i < 8; i++) CHANGED(24 + i, xmm[i], 16)
  }
#undef CHANGED
  fseek(file, count_at, SEEK_SET);
  put(file, count, 1);
  fseek(file, 0, SEEK_END);
}

// Runs of changed bytes, at most 255 long.
static void put_memory(FILE *file, int after) {
  static uint8_t pattern[PAGE];
  long count_at = ftell(file);
  uint32_t count = 0;
  put(file, 0, 2);
  for (int i = 0; i < 3; i++)
    for (uint32_t page = 0; page < writable_regions[i].size; page += PAGE) {
      uint32_t address = writable_regions[i].address + page;
      const uint8_t *to = after ? (uint8_t *)address : writable_regions[i].before + page;
      const uint8_t *from = writable_regions[i].before + page;
      if (!after) {
        page_pattern(address, pattern);
        from = pattern;
      }
      if (!memcmp(from, to, PAGE)) continue;
      for (uint32_t at = 0; at < PAGE; at++) {
        if (from[at] == to[at]) continue;
        uint32_t end = at + 1;
        while (end < PAGE && end - at < 255 && memcmp(from + end, to + end, end + 4 < PAGE ? 4 : 1)) end++;
        put(file, address + at, 4);
        put(file, end - at, 1);
        fwrite(to + at, 1, end - at, file);
        at = end - 1;
        count++;
      }
    }
  fseek(file, count_at, SEEK_SET);
  put(file, count, 2);
  fseek(file, 0, SEEK_END);
}

void format_header(FILE *file, const char *group, uint32_t count, int simd) {
  fwrite("TVEC", 1, 4, file);
  put(file, 1, 2);
  put(file, simd, 2);
  put(file, count, 4);
  put_text(file, group);
}

// A fault leaves the flags as its instruction found them; INT3 (3) and INTO (4) trap after theirs.
static uint32_t flags_mask(const struct vector *v) {
  int fault = v->exception >= 0 && v->exception != 3 && v->exception != 4;
  return COMPARED & ~(fault ? v->undefined_before : v->undefined);
}

void format_vector(FILE *file, const struct vector *v) {
  struct registers from_seed = {0};
  registers_from_seed(&from_seed, v->seed);
  put(file, v->seed, 4);
  put_text(file, v->name);
  put(file, v->instructions, 1);
  put(file, v->code_size, 1);
  fwrite(v->code, 1, v->code_size, file);
  put(file, flags_mask(v), 4);
  put_registers(file, &from_seed, &v->before, v->simd);
  put_memory(file, 0);
  put_registers(file, &v->before, &v->after, v->simd);
  put_memory(file, 1);
  put(file, v->exception & 0xff, 1);
  if (v->exception >= 0) {
    put(file, v->error, 4);
    put(file, v->cr2, 4);
  }
}
