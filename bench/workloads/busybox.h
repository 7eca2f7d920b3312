// The busybox that BUSYBOX in the environment names, /bin/busybox without it, and the same where the workload runs natively.
#ifndef BUSYBOX_H
#define BUSYBOX_H

#include <sys/types.h>

// Runs it in place of this program, with what is open here; `arguments` end with a null pointer, the first is "busybox".
void become_busybox(char *const arguments[]) __attribute__((noreturn));

// Runs it in a child.
pid_t start_busybox(char *const arguments[]);

// Runs it and waits until it has ended; a failure ends the program.
void run_busybox(char *const arguments[]);

#endif
