/* The 82077AA floppy controller with DMA channel 2 and interrupt 6. */
#pragma once
#include "base.h"

void floppy_init(void);
/* Called at each tick: switches off a motor that nobody needs. */
void floppy_tick(u32 now);
