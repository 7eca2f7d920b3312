// Records what x87 instructions do on the processor this program runs on. See README.md for the file format.
//
//   gcc -O2 -o harness harness.c && ./harness SEED VECTORS_PER_ENCODING exact|transcendental > FILE
//
// Every vector runs FRSTOR, the instruction, FNSAVE in a small generated function. FNSAVE does not wait, so results of
// unmasked exceptions can be read without a trap being taken.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct __attribute__((packed)) { uint64_t sig; uint16_t se; } f80;
typedef struct __attribute__((packed)) {
  uint32_t cw, sw, tag, ip, cs, dp, ds;
  f80 st[8];
} image;

static uint64_t state;
static uint64_t rnd(void) { // splitmix64
  uint64_t z = (state += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}
static uint32_t below(uint32_t n) { return (uint32_t)(rnd() >> 32) % n; }

// ---- Operand pools, ten bytes an entry
enum { POOL_EXTENDED, POOL_SINGLE, POOL_DOUBLE, POOL_INTEGER, POOL_DECIMAL, POOLS, NO_POOL = 255 };
enum { POOL_MAX = 4096 };
static f80 pool[POOLS][POOL_MAX];
static int pool_size[POOLS], pool_edges[POOLS], near_pairs, domain_start;

static void add(int p, uint64_t sig, uint16_t se) { pool[p][pool_size[p]++] = (f80){sig, se}; }
static void both(uint64_t sig, uint16_t e) { add(POOL_EXTENDED, sig, e), add(POOL_EXTENDED, sig, e | 0x8000); }

static uint64_t pattern(void) { // significands with runs of equal bits, or random
  uint64_t r = rnd();
  switch (below(5)) {
  case 0: return 1ull << 63;
  case 1: return 1ull << 63 | 1ull << below(63);
  case 2: return ~0ull << below(64);
  case 3: return 1ull << 63 | r << 11;
  default: return 1ull << 63 | r;
  }
}

static void fill_pools(int extra) {
  const uint64_t I = 1ull << 63;
  both(0, 0);
  both(1, 0), both(2, 0), both(I - 1, 0), both(0x123456789abcdefull, 0), both(1ull << 62, 0), both(1ull << 40, 0);
  both(I, 0), both(I | 1, 0), both(~0ull, 0);                                   // pseudo-denormals
  both(I, 1), both(I | 1, 1), both(~0ull, 1), both(I, 2), both(I, 64), both(I | 5, 65);
  both(I, 0x3fff), both(I | 1, 0x3fff), both(~0ull, 0x3ffe), both(~0ull - 1, 0x3ffe); // about 1
  both(I, 0x3ffe), both(I | 1, 0x3ffe), both(~0ull, 0x3ffd), both(3ull << 62, 0x3fff), both(5ull << 61, 0x4000);
  both(0xc90fdaa22168c235ull, 0x3fff), both(0xc90fdaa22168c235ull, 0x3ffe), both(0xc90fdaa22168c235ull, 0x4000);
  both(0xb504f333f9de6484ull, 0x3fff), both(0xb504f333f9de6485ull, 0x3ffe);
  for (int e = 14; e <= 18; e++) both(I, 0x3fff + e), both(~0ull, 0x3fff + e), both(0xffff800000000000ull, 0x3fff + e);
  for (int e = 30; e <= 32; e++) both(I, 0x3fff + e), both(~0ull, 0x3fff + e), both(0xffffffff00000000ull, 0x3fff + e),
      both(0xfffffffe80000000ull, 0x3fff + e), both(0xffffffff80000000ull, 0x3fff + e);
  for (int e = 51; e <= 65; e++) both(I, 0x3fff + e), both(~0ull, 0x3fff + e), both(I | 1, 0x3fff + e);
  both(0xde0b6b3a763fffffull, 0x403a), both(0xde0b6b3a76400000ull, 0x403a), both(0xde0b6b3a763ffff0ull, 0x403a);
  for (int d = -2; d <= 2; d++) {                                                // limits of single and double
    both(I, 0x3fff - 126 + d), both(I, 0x3fff - 149 + d), both(~0ull, 0x3fff - 126 + d), both(I, 0x3fff + 127 + d);
    both(I, 0x3fff - 1022 + d), both(I, 0x3fff - 1074 + d), both(~0ull, 0x3fff - 1022 + d), both(I, 0x3fff + 1023 + d);
    both(0xffffff8000000000ull + d, 0x3fff - 127), both(0xffffff8000000000ull + d, 0x3fff + 127);
    both(0xfffffffffffffc00ull + d, 0x3fff + 1023), both(0xfffffffffffffc00ull + d, 0x3fff - 1023);
    both(0xfffffffffffff800ull + d, 0x3fff - 1023), both(0xffffff0000000000ull + d, 0x3fff - 127);
    both(I | (0x400 + (uint64_t)(int64_t)d), 0x3fff), both(I | ((1ull << 39) + (uint64_t)(int64_t)d), 0x3fff);
  }
  both(I, 0x7ffe), both(~0ull, 0x7ffe), both(~0ull, 0x7ffd), both(0xfffffffffffff800ull, 0x7ffe);
  both(I, 0x7fff);                                                                // infinity
  both(I | 1, 0x7fff), both(I | 77, 0x7fff), both(3ull << 62, 0x7fff), both(3ull << 62 | 77, 0x7fff), both(~0ull, 0x7fff);
  both(0, 0x7fff), both(1, 0x7fff), both(1ull << 62, 0x7fff);                     // pseudo-infinity, pseudo-NaN
  both(0, 0x3fff), both(I - 1, 0x4000), both(1, 1), both(1ull << 62, 0x7ffe);     // unnormals
  pool_edges[POOL_EXTENDED] = pool_size[POOL_EXTENDED];
  for (int i = 0; i < extra; i++) add(POOL_EXTENDED, pattern(), rnd() & 0xffff);
  near_pairs = pool_size[POOL_EXTENDED];
  for (int i = 0; i < extra * 2; i++) add(POOL_EXTENDED, pattern(), (0x3fff + (int)below(140) - 70) | (rnd() & 0x8000));
  domain_start = pool_size[POOL_EXTENDED];
  for (int i = 0; i < extra; i++) add(POOL_EXTENDED, pattern(), (0x3fff - (int)below(8)) | (rnd() & 0x8000));

  const uint32_t singles[] = {0, 1, 2, 0x7fffff, 0x400000, 0x800000, 0x800001, 0x3f800000, 0x3f800001, 0x3f7fffff,
    0x40490fdb, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fffffff};
  for (unsigned i = 0; i < sizeof singles / 4; i++) {
    add(POOL_SINGLE, singles[i], 0), add(POOL_SINGLE, singles[i] | 0x80000000u, 0);
    uint64_t e = singles[i] >> 23 & 255, f = (uint64_t)(singles[i] & 0x7fffff) << 29;
    uint64_t d = (e == 255 ? 2047 : e == 0 ? 0 : e + 1023 - 127) << 52 | f | (singles[i] & 1);
    add(POOL_DOUBLE, d, 0), add(POOL_DOUBLE, d | I, 0);
  }
  add(POOL_DOUBLE, 0x10000000000000ull, 0), add(POOL_DOUBLE, 0xfffffffffffffull, 0), add(POOL_DOUBLE, 0x7fefffffffffffffull, 0);
  const uint64_t integers[] = {0, 1, 2, 3, 7, 10, 100, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff,
    0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0x5555555555555555, 0x123456789abcdef};
  for (unsigned i = 0; i < sizeof integers / 8; i++) add(POOL_INTEGER, integers[i], 0), add(POOL_INTEGER, -integers[i], 0);
  add(POOL_DECIMAL, 0, 0), add(POOL_DECIMAL, 0, 0x8000), add(POOL_DECIMAL, 1, 0x8000);
  add(POOL_DECIMAL, 0x9999999999999999ull, 0x99), add(POOL_DECIMAL, 0x9999999999999999ull, 0x8099);
  for (int p = POOL_SINGLE; p < POOLS; p++) pool_edges[p] = pool_size[p];
  for (int i = 0; i < extra; i++) {
    add(POOL_SINGLE, below(4) ? (rnd() & 0x80ffffff) + (0x3f000000 - (below(20) << 23)) : (uint32_t)rnd(), 0);
    add(POOL_DOUBLE, below(4) ? (rnd() & 0x800fffffffffffffull) | (uint64_t)(0x3ff + (int)below(80) - 40) << 52 : rnd(), 0);
    add(POOL_INTEGER, (uint64_t)((int64_t)rnd() >> below(64)), 0);
    uint64_t low = 0;
    for (int d = 0; d < 16; d++) low |= (uint64_t)below(10) << 4 * d;
    add(POOL_DECIMAL, low, below(10) << 4 | below(10) | (rnd() & 0x8000));
  }
}

// ---- Encodings
typedef struct { uint8_t opcode, modrm, pool, bytes, domain; } encoding;
static encoding encodings[512];
static int encoding_count;
enum { ANY, DOMAIN_UNIT, DOMAIN_ANGLE, DOMAIN_LOG, DOMAIN_LOG1P, DOMAIN_ATAN };
static void enc(int opcode, int modrm, int p, int bytes) { encodings[encoding_count++] = (encoding){opcode, modrm, p, bytes, ANY}; }
static void reg(int opcode, int modrm) { enc(opcode, modrm, NO_POOL, 0); }
static void sti(int opcode, int digit) { reg(opcode, 0xc0 | digit << 3), reg(opcode, 0xc1 | digit << 3), reg(opcode, 0xc3 | digit << 3); }
static void memory(int opcode, int digit, int p, int bytes) { enc(opcode, digit << 3 | 7, p, bytes); } // [rdi]

static void exact_encodings(void) {
  for (int d = 0; d < 8; d++) {
    memory(0xd8, d, POOL_SINGLE, 4), memory(0xdc, d, POOL_DOUBLE, 8);
    memory(0xda, d, POOL_INTEGER, 4), memory(0xde, d, POOL_INTEGER, 2);
    sti(0xd8, d), sti(0xdc, d);
    if (d != 3) sti(0xde, d);
  }
  memory(0xd9, 0, POOL_SINGLE, 4), memory(0xd9, 2, POOL_SINGLE, 4), memory(0xd9, 3, POOL_SINGLE, 4);
  memory(0xdb, 0, POOL_INTEGER, 4), memory(0xdb, 1, POOL_INTEGER, 4), memory(0xdb, 2, POOL_INTEGER, 4);
  memory(0xdb, 3, POOL_INTEGER, 4), memory(0xdb, 5, POOL_EXTENDED, 10), memory(0xdb, 7, POOL_EXTENDED, 10);
  memory(0xdd, 0, POOL_DOUBLE, 8), memory(0xdd, 1, POOL_INTEGER, 8), memory(0xdd, 2, POOL_DOUBLE, 8), memory(0xdd, 3, POOL_DOUBLE, 8);
  memory(0xdf, 0, POOL_INTEGER, 2), memory(0xdf, 1, POOL_INTEGER, 2), memory(0xdf, 2, POOL_INTEGER, 2), memory(0xdf, 3, POOL_INTEGER, 2);
  memory(0xdf, 4, POOL_DECIMAL, 10), memory(0xdf, 5, POOL_INTEGER, 8), memory(0xdf, 6, POOL_DECIMAL, 10), memory(0xdf, 7, POOL_INTEGER, 8);
  sti(0xd9, 0), sti(0xd9, 1), reg(0xd9, 0xd0), sti(0xd9, 3);
  const uint8_t singles[] = {0xe0, 0xe1, 0xe4, 0xe5, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xfa, 0xfc, 0xfd};
  for (unsigned i = 0; i < sizeof singles; i++) reg(0xd9, singles[i]);
  for (int d = 0; d < 4; d++) sti(0xda, d), sti(0xdb, d);
  reg(0xda, 0xe9), sti(0xdb, 5), sti(0xdb, 6), reg(0xde, 0xd9);
  for (int d = 0; d < 6; d++) sti(0xdd, d);
  for (int d = 0; d < 4; d++) sti(0xdf, d);
  sti(0xdf, 5), sti(0xdf, 6);
}

static void transcendental_encodings(void) {
  const uint8_t codes[] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff};
  const uint8_t domains[] = {DOMAIN_UNIT, DOMAIN_LOG, DOMAIN_ANGLE, DOMAIN_ATAN, DOMAIN_LOG1P, DOMAIN_ANGLE, DOMAIN_ANGLE, DOMAIN_ANGLE};
  for (unsigned i = 0; i < sizeof codes; i++) {
    reg(0xd9, codes[i]);
    encodings[encoding_count - 1].domain = domains[i];
  }
}

// ---- One vector. Layout of the stack: which of ST(0), ST(1), ST(2..7) are filled
typedef struct { uint16_t cw, st0, st1, operand; uint8_t filled, top, eflags; } input;
enum { FILLED_0 = 1, FILLED_1 = 2, FILLED_REST = 4 };

static int pick(int p) {
  if (below(3) == 0) return below(pool_edges[p]);
  return below(pool_size[p]);
}

static input choose(const encoding *e) {
  input in = {0};
  in.cw = below(3) ? 0x37f : (rnd() & 0xf00) | 0x7f;
  if (below(4) == 0) in.cw = (in.cw & ~0x3f) | (rnd() & 0x3f);
  in.top = below(8);
  const uint8_t fillings[] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 7, 7, 2, 0, 4, 6};
  in.filled = fillings[below(sizeof fillings)];
  in.eflags = rnd() & 0x45;
  in.st0 = pick(POOL_EXTENDED), in.st1 = pick(POOL_EXTENDED);
  if (below(3) == 0) { // operands of like magnitude
    in.st0 = near_pairs + below(pool_size[POOL_EXTENDED] - near_pairs);
    in.st1 = near_pairs + below(pool_size[POOL_EXTENDED] - near_pairs);
  }
  if (e->pool != NO_POOL) in.operand = pick(e->pool);
  int span = pool_size[POOL_EXTENDED] - domain_start;
  if (e->domain == ANY || below(4) == 0) return in;
  int wide = near_pairs + below(domain_start - near_pairs), narrow = domain_start + below(span);
  if (e->domain == DOMAIN_UNIT || e->domain == DOMAIN_LOG1P) in.st0 = below(3) ? narrow : wide;
  else in.st0 = below(2) ? narrow : wide;
  in.st1 = below(2) ? near_pairs + below(domain_start - near_pairs) : domain_start + below(span);
  return in;
}

// F2XM1 outside of [-1, 1], FYL2XP1 outside of |x| < 1 - sqrt(1/2) are undefined: such vectors are left out.
static int is_defined(const encoding *e, const input *in) {
  f80 v = pool[POOL_EXTENDED][in->st0];
  int exponent = v.se & 0x7fff;
  if (exponent == 0x7fff || v.sig >> 63 == 0 || !(in->filled & FILLED_0)) return 1;
  if (e->domain == DOMAIN_UNIT) return exponent < 0x3fff || (exponent == 0x3fff && v.sig << 1 == 0);
  if (e->domain == DOMAIN_LOG1P) return exponent < 0x3ffd || (exponent == 0x3ffd && v.sig <= 0x95f619980c4336f7ull);
  return 1;
}

static uint8_t *code;
static uint64_t run(const encoding *e, const image *before, image *after, void *operand, uint64_t eflags) {
  uint8_t bytes[] = {0x51, 0x9d, 0xdd, 0x26, e->opcode, e->modrm, 0xdd, 0x32, 0x9c, 0x58, 0xc3};
  if (memcmp(code, bytes, sizeof bytes)) memcpy(code, bytes, sizeof bytes);
  return ((uint64_t(*)(void *, const image *, image *, uint64_t))code)(operand, before, after, eflags);
}

static void put(const void *p, int n) { fwrite(p, 1, n, stdout); }

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: harness SEED VECTORS exact|transcendental\n"), 2;
  state = strtoull(argv[1], 0, 0);
  int count = atoi(argv[2]);
  fill_pools(300);
  if (strcmp(argv[3], "exact") == 0) exact_encodings();
  else transcendental_encodings();
  code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  put("X87V", 4);
  for (int p = 0; p < POOLS; p++) put(&pool_size[p], 2), put(pool[p], 10 * pool_size[p]);
  put(&encoding_count, 2), put(&count, 2);
  for (int n = 0; n < encoding_count; n++) {
    const encoding *e = &encodings[n];
    uint8_t head[4] = {e->opcode, e->modrm, e->pool, e->bytes};
    put(head, 4);
    input *in = calloc(count, sizeof *in);
    image *before = calloc(count, sizeof *before), *after = calloc(count, sizeof *after);
    uint8_t(*memory)[10] = calloc(count, 10);
    uint8_t *eflags = calloc(count, 1);
    for (int i = 0; i < count; i++) {
      do in[i] = choose(e);
      while (!is_defined(e, &in[i]));
      image *b = &before[i];
      b->cw = in[i].cw, b->sw = in[i].top << 11, b->tag = 0;
      for (int r = 0; r < 8; r++) {
        int bit = r == 0 ? FILLED_0 : r == 1 ? FILLED_1 : FILLED_REST;
        b->st[r] = pool[POOL_EXTENDED][r == 0 ? in[i].st0 : r == 1 ? in[i].st1 : 2 * r];
        if (!(in[i].filled & bit)) b->tag |= 3u << 2 * ((in[i].top + r) & 7);
      }
      if (e->pool != NO_POOL) memcpy(memory[i], &pool[e->pool][in[i].operand], e->bytes);
      eflags[i] = run(e, b, &after[i], memory[i], in[i].eflags | 0x202) & 0xd5;
    }
    // Column by column, which compresses better
#define COLUMN(type, value) for (int i = 0; i < count; i++) { type v = (value); put(&v, sizeof v); }
    COLUMN(uint16_t, in[i].cw) COLUMN(uint16_t, in[i].st0) COLUMN(uint16_t, in[i].st1) COLUMN(uint16_t, in[i].operand)
    COLUMN(uint8_t, in[i].filled) COLUMN(uint8_t, in[i].top) COLUMN(uint8_t, in[i].eflags)
    COLUMN(uint16_t, after[i].sw) COLUMN(uint16_t, after[i].tag) COLUMN(uint8_t, eflags[i])
    // Registers whose contents changed, as a mask over physical numbers, then their contents
    uint8_t changed[count];
    for (int i = 0; i < count; i++) {
      changed[i] = 0;
      for (int r = 0; r < 8; r++) {
        f80 *was = &before[i].st[(r - in[i].top) & 7], *is = &after[i].st[(r - (after[i].sw >> 11)) & 7];
        if (memcmp(was, is, 10)) changed[i] |= 1 << r;
      }
    }
    put(changed, count);
    for (int i = 0; i < count; i++)
      for (int r = 0; r < 8; r++)
        if (changed[i] >> r & 1) put(&after[i].st[(r - (after[i].sw >> 11)) & 7], 10);
    if (e->pool != NO_POOL) for (int i = 0; i < count; i++) put(memory[i], e->bytes);
    free(in), free(before), free(after), free(memory), free(eflags);
  }
  return 0;
}
