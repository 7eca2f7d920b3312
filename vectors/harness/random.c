// The generator's random stream and its taste for edge values.
#include "random.h"

static uint32_t stream;

void random_seed(uint32_t seed) { stream = seed; }
uint32_t random_u32(void) { return mix32(&stream); }
uint32_t below(uint32_t n) { return (uint32_t)(((uint64_t)random_u32() * n) >> 32); }
int one_in(uint32_t n) { return below(n) == 0; }

uint32_t operand_value(void) {
  static const uint32_t edges[] = {
      0,          1,          2,          0x0f,       0x10,       0x7e,       0x7f,       0x80,       0x81,
      0xfe,       0xff,       0x100,      0x7ffe,     0x7fff,     0x8000,     0x8001,     0xfffe,     0xffff,
      0x10000,    0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xffffff80, 0xffff8000,
      0x80808080, 0x7f7f7f7f, 0x55555555, 0xaaaaaaaa,
  };
  switch (below(4)) {
    case 0:
    case 1:
      return edges[below(sizeof edges / sizeof *edges)];
    case 2:
      return random_u32();
    default:
      return random_u32() >> below(32);
  }
}
