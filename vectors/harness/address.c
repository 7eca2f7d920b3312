// Encodings of effective addresses (Intel SDM volume 2, section 2.1.5, tables 2-1 to 2-3).
#include "address.h"
#include <stdio.h>
#include <string.h>
#include "random.h"

// Those that user data may be read through; CS, the last, refuses writes.
static const struct segment_override {
  uint8_t prefix;
  const char *name;
} overrides[] = {{0x26, "es"}, {0x36, "ss"}, {0x3e, "ds"}, {0x64, "fs"}, {0x2e, "cs"}};

static const char *const names32[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

uint32_t choose_linear(uint32_t base, uint32_t region, int size, int place) {
  uint32_t at;
  if (!(place & NO_FAULT) && one_in(40)) {
    at = base + region - below(size + 1);
  } else if (!(place & NO_FAULT) && one_in(60)) {
    at = base - size + below(size + 1);
  } else if (region > PAGE && one_in(12)) {
    at = base + PAGE - below(size + 1);
  } else {
    at = base + 0x100 + below(region - 0x200);
  }
  if (place & ALIGNED && !one_in(30)) at &= ~(uint32_t)(size - 1);
  if (place & SAME_LINE && (at & 63) + size > 64) at &= ~63u;
  return at;
}

static void append_displacement(struct operand_address *a, uint32_t displacement, int size) {
  memcpy(a->bytes + a->size, &displacement, size);
  a->size += size;
}

// 16-bit forms reach the low page only. In a block just [disp16] fits registers that are given.
static void choose16(struct vector *v, struct operand_address *a) {
  static const int bases[8] = {EBX, EBX, EBP, EBP, -1, -1, EBP, EBX}, indexes[8] = {ESI, EDI, ESI, EDI, ESI, EDI, -1, -1};
  static const char *const text[8] = {"bx+si", "bx+di", "bp+si", "bp+di", "si", "di", "bp", "bx"};
  int rm, mod, base, index;
  for (;;) {
    rm = v->in_block ? 6 : below(8);
    mod = v->in_block ? 0 : below(3);
    base = bases[rm];
    index = indexes[rm];
    if (mod == 0 && rm == 6) base = -1;
    int used = (base < 0 ? 0 : 1 << base) | (index < 0 ? 0 : 1 << index);
    if (!(used & v->claimed)) break;
  }
  uint32_t displacement = mod == 1 ? (uint32_t)(int8_t)random_u32() : mod == 2 ? random_u32() : 0;
  a->address_size = 0x67;
  a->bytes[a->size++] = mod << 6 | rm;
  if (mod == 0 && rm == 6) {
    append_displacement(a, a->offset, 2);
    sprintf(a->text, "[word 0x%x]", a->offset);
    return;
  }
  uint32_t rest = a->offset - displacement;
  if (base >= 0 && index >= 0) {
    uint32_t part = random_u32();
    v->before.general[index] = part;
    rest -= part;
  }
  int solved = base >= 0 ? base : index;
  v->before.general[solved] = (random_u32() & 0xffff0000u) | (rest & 0xffff);
  v->now = v->before;
  v->claimed |= (base < 0 ? 0 : 1 << base) | (index < 0 ? 0 : 1 << index);
  if (mod) {
    append_displacement(a, displacement, mod);
    sprintf(a->text, "[%s+0x%x]", text[rm], displacement & 0xffff);
  } else {
    sprintf(a->text, "[%s]", text[rm]);
  }
}

// Chooses mod, base, index (-1 = none) and scale until the registers may be used and the equation has a solution.
static void choose32(struct vector *v, struct operand_address *a) {
  for (;;) {
    int mod = v->in_block ? (one_in(4) ? 0 : 2) : below(3);
    int rm = below(8), base = rm, index = -1, scale = 0;
    if (rm == ESP) {
      base = below(8);
      index = below(8);
      scale = below(4);
      if (index == ESP) index = -1;
    }
    int base_field = base;
    if (mod == 0 && base == EBP) base = -1;
    int used = (base < 0 ? 0 : 1 << base) | (index < 0 ? 0 : 1 << index);
    if (!v->in_block && used & v->claimed) continue;
    int displacement_size = mod == 1 ? 1 : mod == 2 || base < 0 ? 4 : 0;
    uint32_t displacement = displacement_size ? random_u32() : 0;
    if (displacement_size == 1) displacement = (uint32_t)(int8_t)displacement;

    uint32_t *g = v->before.general;
    if (v->in_block) {
      const uint32_t *r = v->now.general;
      uint32_t sum = (base < 0 ? 0 : r[base]) + (index < 0 ? 0 : r[index] << scale);
      if (displacement_size != 4) continue;
      displacement = a->offset - sum;
    } else if (base < 0) {
      if (index >= 0) g[index] = random_u32();
      displacement = a->offset - (index < 0 ? 0 : g[index] << scale);
    } else if (index == base) {
      if (displacement_size != 4) continue;
      displacement = a->offset - (g[base] + (g[base] << scale));
    } else {
      if (index >= 0) g[index] = random_u32();
      g[base] = a->offset - displacement - (index < 0 ? 0 : g[index] << scale);
    }
    if (!v->in_block) v->now = v->before;
    v->claimed |= used;

    a->bytes[a->size++] = mod << 6 | rm;
    if (rm == ESP) a->bytes[a->size++] = scale << 6 | (index < 0 ? ESP : index) << 3 | base_field;
    append_displacement(a, displacement, displacement_size);
    char *t = a->text;
    *t++ = '[';
    if (base >= 0) t += sprintf(t, "%s", names32[base]);
    if (index >= 0) t += sprintf(t, "%s%s*%d", base >= 0 ? "+" : "", names32[index], 1 << scale);
    if (displacement_size) t += sprintf(t, "%s0x%x", base >= 0 || index >= 0 ? "+" : "", displacement);
    strcpy(t, "]");
    return;
  }
}

void choose_address(struct vector *v, int size, int place, struct operand_address *a) {
  memset(a, 0, sizeof *a);
  int low = one_in(10);
  a->linear = choose_linear(low ? LOW_BASE : DATA_BASE, low ? PAGE : DATA_SIZE, size, place);
  a->offset = a->linear;
  const struct segment_override *override = NULL;
  if (one_in(10)) {
    override = &overrides[below(place & WRITE && !one_in(20) ? 4 : 5)];
    a->segment = override->prefix;
    if (a->segment == 0x64) a->offset -= FS_BASE;
  }
  if (low && a->offset <= 0xffff)
    choose16(v, a);
  else
    choose32(v, a);
  if (override) {
    char text[64];
    strcpy(text, a->text);
    snprintf(a->text, sizeof a->text, "[%s:%.50s", override->name, text + 1);
  }
}
