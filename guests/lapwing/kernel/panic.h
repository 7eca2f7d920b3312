/* The end: says why on both consoles, tells a hypervisor, and stops. */
#pragma once
#include "traps.h"

void panic(const char *pattern, ...) __attribute__((noreturn, format(printf, 1, 2)));
void panic_exception(const struct frame *frame) __attribute__((noreturn));
