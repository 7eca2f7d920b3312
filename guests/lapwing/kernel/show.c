/* Commands that show what the machine can do: pictures, colours, keys, sound, the processor. */
#include "keyboard.h"
#include "life.h"
#include "shell.h"
#include "timer.h"

enum { GENERATIONS = 1103, SCAN_ESCAPE = 0x01 };

static void life(struct console *console, u32 count, const char **arguments) {
  u32 generations = GENERATIONS;
  enum life_start start = R_PENTOMINO;
  bool fast = false;
  for (u32 n = 1; n < count; n++) {
    if (same(arguments[n], "soup")) start = SOUP;
    else if (same(arguments[n], "fast")) fast = true;
    else if (!parse_number(arguments[n], &generations)) {
      print(console, "life [GENERATIONS] [soup] [fast]\n");
      return;
    }
  }
  struct life_result result = life_run(console, generations, start, fast);
  print(console, "life: %u cells live after %u generations, %u.%02u s%s\n", result.living, result.generations,
        result.ticks / HZ, result.ticks % HZ, result.drawn ? "" : " (no screen)");
}

static void colors(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  for (u32 background = 0; background < 8; background++) {
    for (u32 foreground = 0; foreground < 16; foreground++) {
      print(console, "\x1b[%u;%um %x%x ", foreground < 8 ? 30 + foreground : 82 + foreground, 40 + background, background,
            foreground);
    }
    print(console, "\x1b[0m\n");
  }
}

static void keys(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  bool scan_codes = console == &screen_console;
  print(console, scan_codes ? "Scan codes; Esc ends it.\n" : "Bytes; Esc or q ends it.\n");
  console->raw = true;
  for (;;) {
    int key = console_key(console, 0);
    print(console, "%02x ", (u32)key);
    if (scan_codes ? key == SCAN_ESCAPE : key == KEY_ESCAPE || key == 'q') break;
  }
  console->raw = false;
  print(console, "\n");
}

static void show_mouse(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  if (!mouse_start()) {
    print(console, "no mouse answers\n");
    return;
  }
  print(console, "Move it; a key ends it.\n");
  u32 seen = 0;
  while (console_key(console, HZ / 10) < 0) {
    struct mouse mouse = mouse_state();
    if (mouse.packets == seen) continue;
    seen = mouse.packets;
    print(console, "x %d y %d buttons %u\n", mouse.x, mouse.y, mouse.buttons);
  }
  mouse_stop();
}

static void beep_command(struct console *console, u32 count, const char **arguments) {
  u32 frequency = 880;
  if (count > 1 && (!parse_number(arguments[1], &frequency) || frequency < 20 || frequency > 20000)) {
    print(console, "beep [20 to 20000 Hz]\n");
    return;
  }
  beep(frequency, HZ / 4);
}

static void clear(struct console *console, u32 count, const char **arguments) {
  (void)count, (void)arguments;
  print(console, "\x1b[2J\x1b[H");
}

static void cpuid(u32 leaf, u32 out[4]) {
  __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(0));
}

/* SDM vol. 2 CPUID, table 3-11: bits of EDX in leaf 1. */
static const struct {
  u8 bit;
  const char *name;
} features[] = {
    {0, "fpu"}, {1, "vme"}, {2, "de"}, {3, "pse"}, {4, "tsc"}, {5, "msr"}, {6, "pae"}, {8, "cx8"}, {9, "apic"},
    {11, "sep"}, {12, "mtrr"}, {13, "pge"}, {15, "cmov"}, {23, "mmx"}, {24, "fxsr"}, {25, "sse"}, {26, "sse2"},
};

static void show_cpuid(struct console *console, u32 count, const char **arguments) {
  u32 out[4];
  char text[49];
  (void)count, (void)arguments;
  cpuid(0, out);
  const u32 vendor[] = {out[1], out[3], out[2]};
  memcpy(text, vendor, 12);
  text[12] = 0;
  print(console, "%s, leaves up to %x\n", text, out[0]);
  cpuid(0x80000000, out);
  if (out[0] >= 0x80000004) {
    for (u32 n = 0; n < 3; n++) {
      cpuid(0x80000002 + n, out);
      memcpy(text + 16 * n, out, 16);
    }
    text[48] = 0;
    print(console, "%s\n", text);
  }
  cpuid(1, out);
  print(console, "family %u model %u stepping %u:", out[0] >> 8 & 15, (out[0] >> 12 & 0xf0) | (out[0] >> 4 & 15), out[0] & 15);
  for (u32 n = 0; n < LENGTH(features); n++) {
    if (out[3] >> features[n].bit & 1) print(console, " %s", features[n].name);
  }
  print(console, "\n");
}

const struct command show_commands[] = {
    {"life", "[GENERATIONS] [soup] [fast]", "Conway's Life in mode 13h; a key ends it", life},
    {"colors", "", "all colours of the text mode", colors},
    {"clear", "", "an empty screen", clear},
    {"keys", "", "what the keyboard or the line sends", keys},
    {"mouse", "", "what the mouse does", show_mouse},
    {"beep", "[HZ]", "a tone", beep_command},
    {"cpuid", "", "the processor", show_cpuid},
};
const u32 show_command_count = LENGTH(show_commands);
