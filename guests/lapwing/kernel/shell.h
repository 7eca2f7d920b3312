/* The commands of the shell: shell.c runs them, the commands' files have tables of them. */
#pragma once
#include "console.h"

enum { ARGUMENTS = 16 };

struct command {
  const char *name, *usage, *help;
  /* arguments[0] is the command's name. */
  void (*run)(struct console *console, u32 count, const char **arguments);
};

extern const struct command system_commands[], file_commands[], show_commands[];
extern const u32 system_command_count, file_command_count, show_command_count;

/* A thread's body; the argument is the console. */
void shell(void *console);
/* A line of the counter's and the writer's state for the status bar. */
void shell_status(char *to, u32 size);
