/* COM1, a 16550 or less: received by interrupt, sent by polling. */
#pragma once
#include "base.h"

void serial_init(void);
bool serial_present(void);
void serial_write(const char *text, u32 length);
/* The same where no other thread may run. */
void serial_write_polled(const char *text, u32 length);
