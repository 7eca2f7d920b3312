/* Registers as in the IBM VGA's technical reference (1992): what mode 13h has in them, and how font and palette are reached. */
#include "graphics.h"
#include "screen.h"

enum { MISC_WRITE = 0x3c2, MISC_READ = 0x3cc, SEQUENCER = 0x3c4, CRTC = 0x3d4, GRAPHICS = 0x3ce, ATTRIBUTE = 0x3c0 };
enum { ATTRIBUTE_READ = 0x3c1, STATUS_1 = 0x3da, DAC_READ = 0x3c7, DAC_WRITE = 0x3c8, DAC_DATA = 0x3c9 };
enum { PALETTE_ON = 0x20, CRTC_PROTECT = 0x80, SYNC_RESET = 1, SYNC_RUN = 3, FONT = 256 * 32 };

struct registers {
  u8 misc, sequencer[5], crtc[25], graphics[9], attribute[21];
};

static const struct registers mode_13h = {
    .misc = 0x63,
    .sequencer = {0x03, 0x01, 0x0f, 0x00, 0x0e},
    .crtc = {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0x00, 0x00, 0x00,
             0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff},
    .graphics = {0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x05, 0x0f, 0xff},
    .attribute = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x41,
                  0x00, 0x0f, 0x00, 0x00},
};

volatile u8 *const graphics_memory = (volatile u8 *)0xa0000;

static struct registers text_mode;
static u8 font[FONT];
static struct rgb text_palette[GRAPHICS_COLOURS];
static bool active;

static void write_indexed(u16 port, u8 index, u8 value) {
  outb(port, index);
  outb(port + 1, value);
}

static u8 read_indexed(u16 port, u8 index) {
  outb(port, index);
  return inb(port + 1);
}

/* Index and value go to the same port in turn; a read of the status starts with the index. */
static void write_attribute(u8 index, u8 value) {
  inb(STATUS_1);
  outb(ATTRIBUTE, index);
  outb(ATTRIBUTE, value);
}

static u8 read_attribute(u8 index) {
  inb(STATUS_1);
  outb(ATTRIBUTE, index);
  u8 value = inb(ATTRIBUTE_READ);
  inb(STATUS_1);
  return value;
}

static void save(struct registers *to) {
  to->misc = inb(MISC_READ);
  for (u8 n = 0; n < LENGTH(to->sequencer); n++) to->sequencer[n] = read_indexed(SEQUENCER, n);
  for (u8 n = 0; n < LENGTH(to->crtc); n++) to->crtc[n] = read_indexed(CRTC, n);
  for (u8 n = 0; n < LENGTH(to->graphics); n++) to->graphics[n] = read_indexed(GRAPHICS, n);
  for (u8 n = 0; n < LENGTH(to->attribute); n++) to->attribute[n] = read_attribute(n);
  outb(ATTRIBUTE, PALETTE_ON);
}

static void load(const struct registers *from) {
  write_indexed(SEQUENCER, 0, SYNC_RESET);
  outb(MISC_WRITE, from->misc);
  for (u8 n = 1; n < LENGTH(from->sequencer); n++) write_indexed(SEQUENCER, n, from->sequencer[n]);
  write_indexed(SEQUENCER, 0, SYNC_RUN);
  /* Bit 7 of register 11h write-protects 0 to 7. */
  write_indexed(CRTC, 0x11, from->crtc[0x11] & ~CRTC_PROTECT);
  for (u8 n = 0; n < LENGTH(from->crtc); n++) {
    if (n != 0x11) write_indexed(CRTC, n, from->crtc[n]);
  }
  write_indexed(CRTC, 0x11, from->crtc[0x11]);
  for (u8 n = 0; n < LENGTH(from->graphics); n++) write_indexed(GRAPHICS, n, from->graphics[n]);
  for (u8 n = 0; n < LENGTH(from->attribute); n++) write_attribute(n, from->attribute[n]);
  outb(ATTRIBUTE, PALETTE_ON);
}

/* Plane 2 at A0000, byte by byte: there lie the characters' patterns. */
static void open_font(void) {
  write_indexed(SEQUENCER, 2, 0x04);
  write_indexed(SEQUENCER, 4, 0x06);
  write_indexed(GRAPHICS, 1, 0x00);
  write_indexed(GRAPHICS, 4, 0x02);
  write_indexed(GRAPHICS, 5, 0x00);
  write_indexed(GRAPHICS, 6, 0x05);
  write_indexed(GRAPHICS, 8, 0xff);
}

static void load_palette(const struct rgb *palette, u32 colours) {
  outb(DAC_WRITE, 0);
  for (u32 n = 0; n < colours; n++) {
    outb(DAC_DATA, palette[n].red);
    outb(DAC_DATA, palette[n].green);
    outb(DAC_DATA, palette[n].blue);
  }
}

bool graphics_active(void) { return active; }

bool graphics_enter(const struct rgb *palette, u32 colours) {
  u32 flags = interrupts_off();
  bool enters = screen_present() && !active;
  if (enters) {
    active = true;
    screen_hide();
  }
  interrupts_restore(flags);
  if (!enters) return false;

  save(&text_mode);
  outb(DAC_READ, 0);
  for (u32 n = 0; n < GRAPHICS_COLOURS; n++) {
    u8 red = inb(DAC_DATA), green = inb(DAC_DATA), blue = inb(DAC_DATA);
    text_palette[n] = (struct rgb){red, green, blue};
  }
  open_font();
  for (u32 n = 0; n < FONT; n++) font[n] = graphics_memory[n];

  load(&mode_13h);
  for (u32 n = 0; n < GRAPHICS_WIDTH * GRAPHICS_HEIGHT; n++) graphics_memory[n] = 0;
  load_palette(palette, colours);
  return true;
}

void graphics_leave(void) {
  if (!active) return;
  open_font();
  for (u32 n = 0; n < FONT; n++) graphics_memory[n] = font[n];
  load_palette(text_palette, GRAPHICS_COLOURS);
  load(&text_mode);
  u32 flags = interrupts_off();
  active = false;
  screen_show();
  interrupts_restore(flags);
}
