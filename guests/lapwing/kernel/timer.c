#include "timer.h"
#include "floppy.h"
#include "thread.h"
#include "traps.h"

enum { PIT_CLOCK = 1193182, PIT_CHANNEL_0 = 0x40, PIT_CHANNEL_2 = 0x42, PIT_CONTROL = 0x43, SPEAKER = 0x61 };
enum { RATE_GENERATOR_0 = 0x34, SQUARE_WAVE_2 = 0xb6 };
enum { CMOS_INDEX = 0x70, CMOS_DATA = 0x71, STATUS_A = 0x0a, STATUS_B = 0x0b, CENTURY = 0x32 };

static volatile u32 ticks;

u32 timer_ticks(void) { return ticks; }

static void tick(void) {
  ticks++;
  floppy_tick(ticks);
  threads_tick(ticks);
}

void timer_init(void) {
  u32 divisor = (PIT_CLOCK + HZ / 2) / HZ;
  outb(PIT_CONTROL, RATE_GENERATOR_0);
  outb(PIT_CHANNEL_0, (u8)divisor);
  outb(PIT_CHANNEL_0, (u8)(divisor >> 8));
  irq_connect(IRQ_TIMER, tick);
}

u8 cmos_read(u8 index) {
  u32 flags = interrupts_off();
  outb(CMOS_INDEX, index);
  u8 value = inb(CMOS_DATA);
  interrupts_restore(flags);
  return value;
}

static struct date read_registers(void) {
  return (struct date){cmos_read(9), cmos_read(8), cmos_read(7), cmos_read(4), cmos_read(2), cmos_read(0)};
}

static u32 binary(u32 value, bool bcd) { return bcd ? (value >> 4) * 10 + (value & 15) : value; }

/* MC146818A data sheet: status A bit 7, an update is in progress; status B bit 2, binary; bit 1, 24 hours. */
struct date clock_read(void) {
  struct date date, again = {0};
  /* Two equal readings are one that no update has torn; a clock that never agrees is read all the same. */
  for (u32 tries = 0; tries < 1000; tries++) {
    if (cmos_read(STATUS_A) & 0x80) continue;
    date = read_registers();
    if (!memcmp(&date, &again, sizeof date)) break;
    again = date;
  }
  date = again;
  u8 status = cmos_read(STATUS_B);
  bool bcd = !(status & 4), twelve = !(status & 2), afternoon = twelve && (date.hour & 0x80);
  u32 century = binary(cmos_read(CENTURY), bcd), hour = binary(date.hour & 0x7f, bcd);
  if (twelve) hour = hour % 12 + (afternoon ? 12 : 0);
  return (struct date){
      .year = (century >= 19 && century <= 21 ? century : 20) * 100 + binary(date.year, bcd),
      .month = binary(date.month, bcd),
      .day = binary(date.day, bcd),
      .hour = hour,
      .minute = binary(date.minute, bcd),
      .second = binary(date.second, bcd),
  };
}

void beep(u32 frequency, u32 duration) {
  u32 divisor = PIT_CLOCK / frequency;
  u32 flags = interrupts_off();
  outb(PIT_CONTROL, SQUARE_WAVE_2);
  outb(PIT_CHANNEL_2, (u8)divisor);
  outb(PIT_CHANNEL_2, (u8)(divisor >> 8));
  outb(SPEAKER, inb(SPEAKER) | 3);
  interrupts_restore(flags);
  thread_sleep(duration);
  flags = interrupts_off();
  outb(SPEAKER, inb(SPEAKER) & ~3);
  interrupts_restore(flags);
}
