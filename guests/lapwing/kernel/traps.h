/* The interrupt descriptor table and the two 8259s. */
#pragma once
#include "base.h"

/* What traps.S leaves on the stack. */
struct frame {
  u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
  u32 vector, error, eip, cs, eflags;
};

enum { IRQ_TIMER = 0, IRQ_KEYBOARD = 1, IRQ_SERIAL = 4, IRQ_FLOPPY = 6, IRQ_MOUSE = 12 };

void traps_init(void);
/* Sets the handler of an interrupt line and unmasks it. The handler runs with interrupts off, after the end of interrupt. */
void irq_connect(u32 line, void (*handler)(void));
/* Interrupts of line 0 come as vector `first`, those of line 8 as `second`; all are masked but the cascade. */
void pic_init(u8 first, u8 second);
