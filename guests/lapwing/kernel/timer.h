/* The 8254's channel 0 at 100 Hz, channel 2 for the speaker, and the real-time clock. */
#pragma once
#include "base.h"

struct date {
  u32 year, month, day, hour, minute, second;
};

void timer_init(void);
/* Ticks of 10 ms since the start. */
u32 timer_ticks(void);
struct date clock_read(void);
/* One byte of the CMOS memory. */
u8 cmos_read(u8 index);
/* A tone of the PC speaker, in Hz, for so many ticks. */
void beep(u32 frequency, u32 ticks);
