#include "serial.h"
#include "console.h"
#include "thread.h"
#include "traps.h"

/* 16550 data sheet, table II. */
enum { COM1 = 0x3f8, DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE_CONTROL = 3, MODEM_CONTROL = 4, LINE_STATUS = 5, SCRATCH = 7 };
enum { RECEIVED = 1, SEND_EMPTY = 0x20, DIVISOR_LATCH = 0x80, EIGHT_BITS = 3, FIFO_ON = 0x07, DTR_RTS_OUT2 = 0x0b };
enum { DIVISOR_115200 = 1, PATIENCE = 100000, BURST = 256 };

static bool present;

/* Of the terminal's escape sequences the arrows are understood. */
static enum { PLAIN, ESCAPED, BRACKET } state;

static void receive(u8 byte) {
  if (console_raw(&serial_console, byte)) return;
  if (state == ESCAPED && byte == '[') {
    state = BRACKET;
    return;
  }
  if (state == BRACKET) {
    if (byte >= '0' && byte <= ';') return;
    state = PLAIN;
    if (byte >= 'A' && byte <= 'D') console_input(&serial_console, (u8)(KEY_UP + byte - 'A'));
    return;
  }
  state = byte == KEY_ESCAPE ? ESCAPED : PLAIN;
  console_input(&serial_console, byte == 0x7f ? '\b' : byte);
}

static void interrupt(void) {
  /* As many as a FIFO may hold, and not for ever where nothing answers. */
  for (u32 n = 0; n < BURST && (inb(COM1 + LINE_STATUS) & RECEIVED); n++) receive(inb(COM1 + DATA));
}

bool serial_present(void) { return present; }

void serial_init(void) {
  outb(COM1 + SCRATCH, 0x5a);
  present = inb(COM1 + SCRATCH) == 0x5a;
  if (!present) return;
  outb(COM1 + INTERRUPTS, 0);
  outb(COM1 + LINE_CONTROL, DIVISOR_LATCH);
  outb(COM1 + DATA, DIVISOR_115200);
  outb(COM1 + INTERRUPTS, 0);
  outb(COM1 + LINE_CONTROL, EIGHT_BITS);
  outb(COM1 + FIFO, FIFO_ON);
  outb(COM1 + MODEM_CONTROL, DTR_RTS_OUT2);
  irq_connect(IRQ_SERIAL, interrupt);
  outb(COM1 + INTERRUPTS, RECEIVED);
}

static void send(char c, bool yields) {
  /* A line that never gets empty loses what is sent; it does not stop the system. */
  for (u32 tries = 0; !(inb(COM1 + LINE_STATUS) & SEND_EMPTY) && tries < PATIENCE; tries++) {
    if (yields) thread_yield();
  }
  outb(COM1 + DATA, (u8)c);
}

void serial_write(const char *text, u32 length) {
  for (u32 n = 0; present && n < length; n++) send(text[n], true);
}

void serial_write_polled(const char *text, u32 length) {
  for (u32 n = 0; present && n < length; n++) send(text[n], false);
}
