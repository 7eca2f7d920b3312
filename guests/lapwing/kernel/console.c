#include "console.h"
#include "screen.h"
#include "serial.h"

struct console screen_console = {.name = "screen", .write = screen_write, .directory = "A:/"};
struct console serial_console = {.name = "serial", .write = serial_write, .directory = "A:/"};

enum { TEXT = 512, WIDTH = SCREEN_COLUMNS };

void console_input(struct console *console, u8 key) {
  u32 flags = interrupts_off();
  if (console->end - console->first < KEYS) console->keys[console->end++ % KEYS] = key;
  wake(console->keys);
  interrupts_restore(flags);
}

bool console_raw(struct console *console, u8 byte) {
  if (console->raw) console_input(console, byte);
  return console->raw;
}

int console_poll(struct console *console) {
  u32 flags = interrupts_off();
  int key = console->first == console->end ? -1 : console->keys[console->first++ % KEYS];
  interrupts_restore(flags);
  return key;
}

int console_key(struct console *console, u32 ticks) {
  u32 flags = interrupts_off();
  bool waits = true;
  while (console->first == console->end && waits) waits = wait(console->keys, ticks);
  int key = console_poll(console);
  interrupts_restore(flags);
  return key;
}

bool console_interrupted(struct console *console) {
  u32 flags = interrupts_off();
  bool found = false;
  for (u32 n = console->first; n != console->end; n++) found = found || console->keys[n % KEYS] == KEY_INTERRUPT;
  if (found) console->first = console->end;
  interrupts_restore(flags);
  return found;
}

/* Writes with a carriage return before each newline. */
static void write(struct console *console, const char *text) {
  while (*text) {
    u32 length = 0;
    while (text[length] && text[length] != '\n') length++;
    console->write(text, length);
    text += length;
    if (*text == '\n') {
      console->write("\r\n", 2);
      text++;
    }
  }
}

void print(struct console *console, const char *pattern, ...) {
  char text[TEXT];
  va_list arguments;
  va_start(arguments, pattern);
  format(text, sizeof text, pattern, arguments);
  va_end(arguments);
  lock(&console->busy);
  write(console, text);
  unlock(&console->busy);
}

/* The prompt and the line, or as much of its end as one row holds; a row is never filled, so that nothing wraps. */
static void draw_line(struct console *console) {
  u32 room = WIDTH - 2 - strlen(console->prompt);
  write(console, console->prompt);
  if (console->length <= room) {
    write(console, console->line);
  } else {
    write(console, "<");
    write(console, console->line + console->length - room + 1);
  }
}

static void clear_line(struct console *console) { write(console, "\r\x1b[K"); }

static void redraw_line(struct console *console) {
  clear_line(console);
  draw_line(console);
}

static void write_above(struct console *console, const char *text) {
  lock(&console->busy);
  if (console->editing) clear_line(console);
  write(console, text);
  write(console, "\n");
  if (console->editing) draw_line(console);
  unlock(&console->busy);
}

void notice(struct console *console, const char *pattern, ...) {
  char text[TEXT];
  va_list arguments;
  va_start(arguments, pattern);
  format(text, sizeof text, pattern, arguments);
  va_end(arguments);
  write_above(console, text);
}

void announce(const char *pattern, ...) {
  char text[TEXT];
  va_list arguments;
  va_start(arguments, pattern);
  format(text, sizeof text, pattern, arguments);
  va_end(arguments);
  write_above(&screen_console, text);
  write_above(&serial_console, text);
}

static void set_line(struct console *console, const char *text) {
  copy_text(console->line, text, LINE);
  console->length = strlen(console->line);
  redraw_line(console);
}

static void insert(struct console *console, char c) {
  if (console->length + 1 >= LINE) {
    write(console, "\a");
    return;
  }
  console->line[console->length++] = c;
  console->line[console->length] = 0;
  const char text[] = {c, 0};
  if (console->length <= WIDTH - 2 - strlen(console->prompt)) write(console, text);
  else redraw_line(console);
}

static void erase(struct console *console) {
  if (!console->length) return;
  bool fitted = console->length <= WIDTH - 2 - strlen(console->prompt);
  console->line[--console->length] = 0;
  if (fitted) write(console, "\b \b");
  else redraw_line(console);
}

static void remember(struct console *console) {
  if (!console->length) return;
  if (console->lines && same(console->history[(console->lines - 1) % HISTORY], console->line)) return;
  copy_text(console->history[console->lines++ % HISTORY], console->line, LINE);
}

/* One key of the editor; `back` is how far in the history the line is. True when the line has ended. */
static bool edit(struct console *console, int key, u32 *back) {
  u32 oldest = console->lines < HISTORY ? console->lines : HISTORY;
  switch (key) {
    case '\r':
    case '\n':
    case KEY_INTERRUPT:
      write(console, key == KEY_INTERRUPT ? "^C\n" : "\n");
      return true;
    case '\b': erase(console); break;
    case KEY_ERASE_LINE: set_line(console, ""); break;
    case KEY_UP:
    case KEY_DOWN:
      if (key == KEY_UP ? *back == oldest : *back == 0) break;
      *back += key == KEY_UP ? 1 : -1u;
      set_line(console, *back ? console->history[(console->lines - *back) % HISTORY] : "");
      break;
    default:
      if (key >= ' ' && key < 0x7f) insert(console, (char)key);
  }
  return false;
}

bool console_read_line(struct console *console, const char *prompt) {
  u32 back = 0;
  bool ended = false;
  int key = 0;
  lock(&console->busy);
  console->prompt = prompt;
  console->length = 0;
  console->line[0] = 0;
  console->editing = true;
  write(console, console->prompt);
  unlock(&console->busy);
  while (!ended) {
    key = console_key(console, 0);
    lock(&console->busy);
    ended = edit(console, key, &back);
    console->editing = !ended;
    unlock(&console->busy);
  }
  if (key == KEY_INTERRUPT) return false;
  remember(console);
  return true;
}
