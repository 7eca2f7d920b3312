/* Reset and power off. */
#pragma once
#include "base.h"

void reboot(void) __attribute__((noreturn));
/* By ACPI, or by APM where there is no ACPI; stops where there is neither. */
void power_off(void) __attribute__((noreturn));
/* Stops the processor for good. */
void halt(void) __attribute__((noreturn));
/* "ACPI" or "APM". */
const char *power_method(void);
