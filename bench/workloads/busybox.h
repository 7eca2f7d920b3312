// The busybox that BUSYBOX in the environment names, /bin/busybox without it, and the same where the workload runs natively.
#ifndef BUSYBOX_H
#define BUSYBOX_H

#include <sys/types.h>

// Starts it as its own child; `arguments` end with a null pointer, the first is "busybox".
pid_t start_busybox(char *const arguments[]);

// Runs it and waits until it has ended; a failure ends the program.
void run_busybox(char *const arguments[]);

#endif
