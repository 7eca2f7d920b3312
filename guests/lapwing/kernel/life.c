/* A cell's pixel is 0 when it is dead, else its age, 1 to OLDEST. */
#include "life.h"
#include "graphics.h"
#include "keyboard.h"
#include "timer.h"

enum { WIDTH = GRAPHICS_WIDTH, HEIGHT = GRAPHICS_HEIGHT, OLDEST = 15 };

static u8 worlds[2][HEIGHT][WIDTH];
static u8 ages[HEIGHT][WIDTH];
static struct mutex busy;

static const struct rgb palette[OLDEST + 1] = {
    {0, 0, 0},    {63, 63, 63}, {63, 63, 40}, {63, 60, 20}, {60, 54, 8},  {52, 52, 6},  {42, 50, 6},  {32, 48, 8},
    {22, 46, 12}, {14, 44, 18}, {8, 42, 24},  {6, 38, 30},  {6, 34, 36},  {6, 30, 40},  {6, 26, 42},  {6, 22, 42},
};

/* R-pentomino: .XX / XX. / .X. in the middle. */
static void place_pentomino(u8 world[HEIGHT][WIDTH]) {
  static const u8 cells[][2] = {{1, 0}, {2, 0}, {0, 1}, {1, 1}, {1, 2}};
  for (u32 n = 0; n < LENGTH(cells); n++) world[HEIGHT / 2 - 1 + cells[n][1]][WIDTH / 2 - 1 + cells[n][0]] = 1;
}

/* Marsaglia's xorshift32 from 2463534242 (2003): a cell in four lives. */
static void place_soup(u8 world[HEIGHT][WIDTH]) {
  u32 random = 2463534242u;
  for (u32 y = 0; y < HEIGHT; y++) {
    for (u32 x = 0; x < WIDTH; x++) {
      random ^= random << 13;
      random ^= random >> 17;
      random ^= random << 5;
      world[y][x] = (random & 3) == 0;
    }
  }
}

/* One row from three; a column's sum is used three times. */
static void step_row(const u8 *above, const u8 *row, const u8 *below, u8 *to) {
  u32 left = above[WIDTH - 1] + row[WIDTH - 1] + below[WIDTH - 1];
  u32 middle = above[0] + row[0] + below[0];
  for (u32 x = 0; x < WIDTH; x++) {
    u32 next = x + 1 < WIDTH ? x + 1 : 0;
    u32 right = above[next] + row[next] + below[next];
    u32 sum = left + middle + right;
    to[x] = sum == 3 || (sum == 4 && row[x]);
    left = middle;
    middle = right;
  }
}

static void step(u8 from[HEIGHT][WIDTH], u8 to[HEIGHT][WIDTH]) {
  for (u32 y = 0; y < HEIGHT; y++) {
    step_row(from[y ? y - 1 : HEIGHT - 1], from[y], from[y + 1 < HEIGHT ? y + 1 : 0], to[y]);
  }
}

/* Counts the living and draws those whose colour has changed. */
static u32 draw(u8 world[HEIGHT][WIDTH], bool visible) {
  u32 living = 0;
  for (u32 y = 0; y < HEIGHT; y++) {
    for (u32 x = 0; x < WIDTH; x++) {
      u8 age = world[y][x] ? (ages[y][x] < OLDEST ? ages[y][x] + 1 : OLDEST) : 0;
      living += world[y][x];
      if (age == ages[y][x]) continue;
      ages[y][x] = age;
      if (visible) graphics_memory[y * WIDTH + x] = age;
    }
  }
  return living;
}

struct life_result life_run(struct console *console, u32 generations, enum life_start start, bool fast) {
  lock(&busy);
  u32 at = 0, keys = keyboard_graphics_keys();
  memset(worlds[0], 0, sizeof worlds[0]);
  memset(ages, 0, sizeof ages);
  if (start == SOUP) place_soup(worlds[0]);
  else place_pentomino(worlds[0]);

  struct life_result result = {.drawn = graphics_enter(palette, LENGTH(palette))};
  u32 began = timer_ticks();
  result.living = draw(worlds[0], result.drawn);
  while (result.generations < generations && console_poll(console) < 0 && keys == keyboard_graphics_keys()) {
    if (!fast) thread_sleep(1);
    step(worlds[at], worlds[1 - at]);
    at = 1 - at;
    result.living = draw(worlds[at], result.drawn);
    result.generations++;
  }
  result.ticks = timer_ticks() - began;
  if (result.drawn) graphics_leave();
  unlock(&busy);
  return result;
}
