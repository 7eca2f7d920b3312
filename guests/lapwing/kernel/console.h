/* The two consoles, the screen with the keyboard and the serial line: keys in, text out, and a line editor with history. */
#pragma once
#include "base.h"
#include "thread.h"

enum { LINE = 256, HISTORY = 16, KEYS = 256, CONSOLE_PATH = 80 };
/* Keys that are no characters; beyond what a serial line's 7-bit characters are. */
enum { KEY_INTERRUPT = 3, KEY_ERASE_LINE = 21, KEY_ESCAPE = 27, KEY_UP = 0x80, KEY_DOWN, KEY_RIGHT, KEY_LEFT };

struct console {
  const char *name;
  void (*write)(const char *text, u32 length);
  /* Keys that nobody has read; written by interrupts. */
  volatile u8 keys[KEYS];
  volatile u32 first, end;
  /* While set, bytes as they come from the hardware go to `keys` and are not interpreted. */
  volatile bool raw;
  struct mutex busy;
  /* The line that is being edited, where `editing`. */
  bool editing;
  const char *prompt;
  char line[LINE];
  u32 length;
  char history[HISTORY][LINE];
  u32 lines;
  /* "A:/DIR", for the shell. */
  char directory[CONSOLE_PATH];
};

extern struct console screen_console, serial_console;

/* From interrupt handlers: a key; or a byte before it is interpreted, true when it is wanted so. */
void console_input(struct console *console, u8 key);
bool console_raw(struct console *console, u8 byte);

/* Waits for a key, at most `ticks` (0: for ever); -1 when none has come. */
int console_key(struct console *console, u32 ticks);
/* A key if there is one, or -1. */
int console_poll(struct console *console);
/* Whether Ctrl-C is among the keys, which are dropped then. */
bool console_interrupted(struct console *console);

void print(struct console *console, const char *pattern, ...) __attribute__((format(printf, 2, 3)));
/* A line from a thread in the background: it goes above the line that is being edited. */
void notice(struct console *console, const char *pattern, ...) __attribute__((format(printf, 2, 3)));
/* A line on both consoles. */
void announce(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/* Reads a line into console->line; false when it was given up with Ctrl-C. */
bool console_read_line(struct console *console, const char *prompt);
