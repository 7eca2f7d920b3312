#include "traps.h"
#include "panic.h"

enum { PIC1 = 0x20, PIC2 = 0xa0, EXCEPTIONS = 32, LINES = 16, CODE = 8, INTERRUPT_GATE = 0x8e00 };
enum { READ_IN_SERVICE = 0x0b, END_OF_INTERRUPT = 0x20 };

extern const u32 vectors[EXCEPTIONS + LINES];

static struct {
  u16 offset_low, selector, type, offset_high;
} idt[EXCEPTIONS + LINES];

static void (*handlers[LINES])(void);

/* 8259A data sheet: ICW1 to ICW4. */
void pic_init(u8 first, u8 second) {
  outb(PIC1, 0x11);
  outb(PIC2, 0x11);
  outb(PIC1 + 1, first);
  outb(PIC2 + 1, second);
  outb(PIC1 + 1, 4);
  outb(PIC2 + 1, 2);
  outb(PIC1 + 1, 1);
  outb(PIC2 + 1, 1);
  outb(PIC1 + 1, 0xfb);
  outb(PIC2 + 1, 0xff);
}

void traps_init(void) {
  for (u32 n = 0; n < LENGTH(idt); n++) {
    idt[n].offset_low = (u16)vectors[n];
    idt[n].offset_high = (u16)(vectors[n] >> 16);
    idt[n].selector = CODE;
    idt[n].type = INTERRUPT_GATE;
  }
  const struct __attribute__((packed)) {
    u16 limit;
    u32 base;
  } pointer = {sizeof idt - 1, (u32)idt};
  __asm__ volatile("lidt %0" : : "m"(pointer));
  pic_init(EXCEPTIONS, EXCEPTIONS + 8);
}

void irq_connect(u32 line, void (*handler)(void)) {
  u32 flags = interrupts_off();
  handlers[line] = handler;
  u16 mask = line < 8 ? PIC1 + 1 : PIC2 + 1;
  outb(mask, inb(mask) & ~(1u << (line & 7)));
  interrupts_restore(flags);
}

/* Lines 7 and 15 also come when a request has gone away: then the PIC has nothing in service (8259A data sheet, "Spurious"). */
static bool spurious(u32 line) {
  if ((line & 7) != 7) return false;
  u16 pic = line < 8 ? PIC1 : PIC2;
  outb(pic, READ_IN_SERVICE);
  if (inb(pic) & 0x80) return false;
  if (line == 15) outb(PIC1, END_OF_INTERRUPT);
  return true;
}

void trap(struct frame *frame) {
  if (frame->vector < EXCEPTIONS) panic_exception(frame);
  u32 line = frame->vector - EXCEPTIONS;
  if (spurious(line)) return;
  if (line >= 8) outb(PIC2, END_OF_INTERRUPT);
  outb(PIC1, END_OF_INTERRUPT);
  if (handlers[line]) handlers[line]();
}
