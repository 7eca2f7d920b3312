#include "shell.h"
#include "thread.h"

enum { LISTS = 3 };

static const struct {
  const struct command *commands;
  const u32 *count;
} lists[LISTS] = {
    {system_commands, &system_command_count},
    {file_commands, &file_command_count},
    {show_commands, &show_command_count},
};

static void help(struct console *console) {
  for (u32 list = 0; list < LISTS; list++) {
    for (u32 n = 0; n < *lists[list].count; n++) {
      const struct command *command = &lists[list].commands[n];
      char left[40];
      format_to(left, sizeof left, "%s %s", command->name, command->usage);
      print(console, "  %-32s %s\n", left, command->help);
    }
  }
}

/* Cuts the line into words in place. */
static u32 split(char *line, const char **words) {
  u32 count = 0;
  while (*line) {
    while (*line == ' ') *line++ = 0;
    if (!*line || count == ARGUMENTS) break;
    words[count++] = line;
    while (*line && *line != ' ') line++;
  }
  return count;
}

static void run(struct console *console, char *line) {
  const char *words[ARGUMENTS];
  u32 count = split(line, words);
  if (!count) return;
  if (same(words[0], "help")) {
    help(console);
    return;
  }
  for (u32 list = 0; list < LISTS; list++) {
    for (u32 n = 0; n < *lists[list].count; n++) {
      if (!same(lists[list].commands[n].name, words[0])) continue;
      lists[list].commands[n].run(console, count, words);
      return;
    }
  }
  print(console, "%s: unknown command; help lists them\n", words[0]);
}

void shell(void *argument) {
  struct console *console = argument;
  char line[LINE];
  for (;;) {
    if (!console_read_line(console, "lapwing> ")) continue;
    copy_text(line, console->line, LINE);
    run(console, line);
  }
}
