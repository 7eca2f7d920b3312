#include "screen.h"

enum { CRTC = 0x3d4, CURSOR_HIGH = 0x0e, CURSOR_LOW = 0x0f, START_HIGH = 0x0c, START_LOW = 0x0d };
enum { NORMAL = 0x07, STATUS = 0x70, TAB = 8, PARAMETERS = 8, TOP = SCREEN_COLUMNS, CELLS = SCREEN_COLUMNS * SCREEN_ROWS };

static volatile u16 *const text_memory = (volatile u16 *)0xb8000;
static u16 cells[CELLS];
static u32 cursor = TOP;
static u8 attribute = NORMAL;
static bool present, shown;

/* The escape sequence that is being read: ESC, then `[`, then numbers. */
static struct {
  enum { TEXT, ESCAPE, SEQUENCE } state;
  u32 values[PARAMETERS], count;
} sequence;

static void crtc(u8 index, u8 value) {
  outb(CRTC, index);
  outb(CRTC + 1, value);
}

static void show_cursor(void) {
  if (!shown) return;
  crtc(CURSOR_HIGH, (u8)(cursor >> 8));
  crtc(CURSOR_LOW, (u8)cursor);
}

static void set(u32 at, u16 cell) {
  cells[at] = cell;
  if (shown) text_memory[at] = cell;
}

static void clear(void) {
  for (u32 at = TOP; at < CELLS; at++) set(at, (u16)(attribute << 8 | ' '));
  cursor = TOP;
}

/* From the cursor to the row's end. */
static void clear_row(void) {
  for (u32 at = cursor; at == cursor || at % SCREEN_COLUMNS; at++) set(at, (u16)(attribute << 8 | ' '));
}

void screen_show(void) {
  shown = present;
  for (u32 at = 0; shown && at < CELLS; at++) text_memory[at] = cells[at];
  show_cursor();
}

void screen_hide(void) { shown = false; }

bool screen_present(void) { return present; }

void screen_init(void) {
  /* A register that keeps what it is given. */
  crtc(CURSOR_LOW, 0x55);
  present = inb(CRTC + 1) == 0x55;
  crtc(CURSOR_LOW, 0xaa);
  present = present && inb(CRTC + 1) == 0xaa;
  if (!present) return;
  crtc(START_HIGH, 0);
  crtc(START_LOW, 0);
  for (u32 at = 0; at < TOP; at++) cells[at] = STATUS << 8 | ' ';
  clear();
  screen_show();
}

static void scroll(void) {
  for (u32 at = TOP; at < CELLS - SCREEN_COLUMNS; at++) set(at, cells[at + SCREEN_COLUMNS]);
  for (u32 at = CELLS - SCREEN_COLUMNS; at < CELLS; at++) set(at, (u16)(attribute << 8 | ' '));
  cursor -= SCREEN_COLUMNS;
}

static void put(char c) {
  switch (c) {
    case '\n': cursor += SCREEN_COLUMNS; break;
    case '\r': cursor -= cursor % SCREEN_COLUMNS; break;
    case '\b': if (cursor > TOP) cursor--; break;
    case '\t': cursor += TAB - cursor % TAB; break;
    case '\a': break;
    default: set(cursor++, (u16)(attribute << 8 | (u8)c));
  }
  if (cursor >= CELLS) scroll();
}

/* ANSI's order of colours is red, green, blue from bit 0; the VGA's is blue, green, red. */
static u8 colour(u32 ansi) { return (u8)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2); }

static void set_attribute(u32 code) {
  u8 foreground = attribute & 0x0f, background = attribute >> 4;
  if (code == 0) foreground = NORMAL, background = 0;
  else if (code == 1) foreground |= 8;
  else if (code >= 30 && code <= 37) foreground = (foreground & 8) | colour(code - 30);
  else if (code >= 90 && code <= 97) foreground = 8 | colour(code - 90);
  else if (code >= 40 && code <= 47) background = colour(code - 40);
  attribute = (u8)(background << 4 | foreground);
}

static void finish_sequence(char c) {
  sequence.state = TEXT;
  if (c == 'J') clear();
  if (c == 'K') clear_row();
  if (c == 'H') cursor = TOP;
  for (u32 n = 0; c == 'm' && n <= sequence.count; n++) set_attribute(sequence.values[n]);
}

static void interpret(char c) {
  switch (sequence.state) {
    case TEXT:
      if (c == '\x1b') sequence.state = ESCAPE;
      else put(c);
      break;
    case ESCAPE:
      sequence.state = c == '[' ? SEQUENCE : TEXT;
      sequence.count = 0;
      sequence.values[0] = 0;
      break;
    case SEQUENCE:
      if (c >= '0' && c <= '9') {
        u32 *value = &sequence.values[sequence.count];
        if (*value < 1000) *value = *value * 10 + (u32)(c - '0');
      } else if (c == ';') {
        if (sequence.count + 1 < PARAMETERS) sequence.values[++sequence.count] = 0;
      } else {
        finish_sequence(c);
      }
  }
}

void screen_write(const char *text, u32 length) {
  if (!present) return;
  for (u32 n = 0; n < length; n++) interpret(text[n]);
  show_cursor();
}

void screen_status(const char *text) {
  if (!present) return;
  for (u32 at = 0; at < SCREEN_COLUMNS; at++) set(at, (u16)(STATUS << 8 | (u8)(*text ? *text++ : ' ')));
}
