/* Conway's Life on a torus of 320 × 200 cells. */
#pragma once
#include "console.h"

enum life_start { R_PENTOMINO, SOUP };

struct life_result {
  u32 generations, living, ticks;
  bool drawn;
};

/* At most 100 generations a second, or as many as can be; a key ends it. */
struct life_result life_run(struct console *console, u32 generations, enum life_start start, bool fast);
