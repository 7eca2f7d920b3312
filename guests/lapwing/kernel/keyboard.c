#include "keyboard.h"
#include "console.h"
#include "graphics.h"
#include "power.h"
#include "traps.h"

/* 8042: IBM PS/2 technical reference (1990), "Keyboard and auxiliary device controller". */
enum { DATA = 0x60, STATUS = 0x64, COMMAND = 0x64, OUTPUT_FULL = 1, INPUT_FULL = 2, FROM_MOUSE = 0x20 };
enum { READ_CONFIG = 0x20, WRITE_CONFIG = 0x60, DISABLE_MOUSE = 0xa7, ENABLE_MOUSE = 0xa8, DISABLE_KEYBOARD = 0xad };
enum { ENABLE_KEYBOARD = 0xae, TO_MOUSE = 0xd4, PULSE_RESET = 0xfe };
enum { CONFIG_IRQ1 = 1, CONFIG_IRQ12 = 2, CONFIG_NO_KEYBOARD = 0x10, CONFIG_NO_MOUSE = 0x20, CONFIG_TRANSLATE = 0x40 };
enum { DEVICE_ENABLE = 0xf4, DEVICE_DISABLE = 0xf5, DEVICE_DEFAULTS = 0xf6, ACKNOWLEDGE = 0xfa };
enum { PATIENCE = 100000 };

/* Scan codes of set 1. */
enum { RELEASED = 0x80, EXTENDED = 0xe0, LEFT_SHIFT = 0x2a, RIGHT_SHIFT = 0x36, CONTROL = 0x1d, ALT = 0x38, CAPS = 0x3a };
enum { SCAN_UP = 0x48, SCAN_LEFT = 0x4b, SCAN_RIGHT = 0x4d, SCAN_DOWN = 0x50, SCAN_DELETE = 0x53, KEYPAD_SLASH = 0x35 };

static const char plain[] =
    "\0\x1b" "1234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\0"
    "789-456+1230.";
static const char shifted[] =
    "\0\x1b" "!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\0"
    "789-456+1230.";

static bool shift, control, alt, caps, extended;
static volatile u32 graphics_keys;
static struct mouse mouse;
static u8 packet[3];
static u32 packet_bytes;
static bool mouse_on;

static void wait_to_send(void) {
  for (u32 n = 0; (inb(STATUS) & INPUT_FULL) && n < PATIENCE; n++) {
  }
}

static int receive(void) {
  for (u32 n = 0; n < PATIENCE; n++) {
    if (inb(STATUS) & OUTPUT_FULL) return inb(DATA);
  }
  return -1;
}

static void command(u8 code) {
  wait_to_send();
  outb(COMMAND, code);
}

static void send(u8 byte) {
  wait_to_send();
  outb(DATA, byte);
}

static void drop_output(void) {
  for (u32 n = 0; (inb(STATUS) & OUTPUT_FULL) && n < 32; n++) inb(DATA);
}

static u8 key_of(u8 code) {
  if (extended) {
    switch (code) {
      case SCAN_UP: return KEY_UP;
      case SCAN_DOWN: return KEY_DOWN;
      case SCAN_LEFT: return KEY_LEFT;
      case SCAN_RIGHT: return KEY_RIGHT;
      case SCAN_DELETE: return '\b';
      case CONTROL:
      case ALT:
      case LEFT_SHIFT:
      case RIGHT_SHIFT: return 0;
      case KEYPAD_SLASH: return '/';
      default: return code == 0x1c ? '\r' : 0;
    }
  }
  if (code >= sizeof plain - 1) return 0;
  char c = plain[code];
  bool letter = c >= 'a' && c <= 'z';
  if (letter && control) return (u8)(c - 'a' + 1);
  return (u8)(shift != (letter && caps) ? shifted[code] : c);
}

static void scan(u8 code) {
  if (code == EXTENDED) {
    extended = true;
    return;
  }
  bool down = !(code & RELEASED);
  code &= ~RELEASED;
  if (code == LEFT_SHIFT || code == RIGHT_SHIFT) {
    /* Extended ones only bracket other keys. */
    if (!extended) shift = down;
  } else if (code == CONTROL) {
    control = down;
  } else if (code == ALT) {
    alt = down;
  } else if (code == CAPS && down) {
    caps = !caps;
  }
  u8 key = down ? key_of(code) : 0;
  if (down && control && alt && code == SCAN_DELETE) reboot();
  extended = false;
  if (!key) return;
  if (graphics_active()) graphics_keys++;
  else console_input(&screen_console, key);
}

static void keyboard_interrupt(void) {
  u8 status = inb(STATUS);
  if (!(status & OUTPUT_FULL) || (status & FROM_MOUSE)) return;
  u8 code = inb(DATA);
  if (!console_raw(&screen_console, code)) scan(code);
}

/* The first byte has bit 3 set, the buttons, and the signs of both movements. */
static void mouse_interrupt(void) {
  u8 status = inb(STATUS);
  if (!(status & OUTPUT_FULL) || !(status & FROM_MOUSE)) return;
  u8 byte = inb(DATA);
  if (packet_bytes == 0 && !(byte & 8)) return;
  packet[packet_bytes++] = byte;
  if (packet_bytes < 3) return;
  packet_bytes = 0;
  mouse.buttons = packet[0] & 7;
  mouse.x += packet[1] - ((packet[0] & 0x10) << 4);
  mouse.y += packet[2] - ((packet[0] & 0x20) << 3);
  mouse.packets++;
}

void keyboard_init(void) {
  command(DISABLE_KEYBOARD);
  command(DISABLE_MOUSE);
  drop_output();
  command(READ_CONFIG);
  int config = receive();
  if (config < 0) return;
  command(WRITE_CONFIG);
  send((u8)((config & ~(CONFIG_NO_KEYBOARD | CONFIG_IRQ12)) | CONFIG_IRQ1 | CONFIG_TRANSLATE));
  command(ENABLE_KEYBOARD);
  send(DEVICE_ENABLE);
  receive();
  irq_connect(IRQ_KEYBOARD, keyboard_interrupt);
}

u32 keyboard_graphics_keys(void) { return graphics_keys; }

void keyboard_reset_machine(void) { command(PULSE_RESET); }

/* Sends one byte to the mouse and takes its answer; interrupts are off. Keys that come in between are lost. */
static bool tell_mouse(u8 byte) {
  command(TO_MOUSE);
  send(byte);
  for (u32 n = 0; n < PATIENCE; n++) {
    u8 status = inb(STATUS);
    if (!(status & OUTPUT_FULL)) continue;
    u8 answer = inb(DATA);
    if ((status & FROM_MOUSE) && answer == ACKNOWLEDGE) return true;
  }
  return false;
}

static void configure_mouse(bool on) {
  command(READ_CONFIG);
  int config = receive();
  if (config < 0) return;
  command(WRITE_CONFIG);
  send((u8)(on ? (config & ~CONFIG_NO_MOUSE) | CONFIG_IRQ12 : (config | CONFIG_NO_MOUSE) & ~CONFIG_IRQ12));
}

bool mouse_start(void) {
  u32 flags = interrupts_off();
  mouse = (struct mouse){0};
  packet_bytes = 0;
  command(ENABLE_MOUSE);
  bool answers = tell_mouse(DEVICE_DEFAULTS) && tell_mouse(DEVICE_ENABLE);
  if (answers) configure_mouse(true);
  interrupts_restore(flags);
  if (answers) irq_connect(IRQ_MOUSE, mouse_interrupt);
  mouse_on = answers;
  return answers;
}

void mouse_stop(void) {
  if (!mouse_on) return;
  u32 flags = interrupts_off();
  tell_mouse(DEVICE_DISABLE);
  configure_mouse(false);
  mouse_on = false;
  interrupts_restore(flags);
}

struct mouse mouse_state(void) {
  u32 flags = interrupts_off();
  struct mouse state = mouse;
  interrupts_restore(flags);
  return state;
}
