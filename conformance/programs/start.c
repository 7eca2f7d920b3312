/* The guest's first process: runs the programs of its arguments, separated by commas, one after the other and switches the machine off. */

#include "linux.h"

/* "== program argument", what it prints, "-- status". */
static void run(const char **command) {
  put("== ");
  put(command[0] + 1);
  for (u32 n = 1; command[n]; n++) {
    put(" ");
    put(command[n]);
  }
  end_line();
  const word child = call(SYS_FORK, 0, 0, 0, 0, 0);
  if (child == 0) {
    const char *none = 0;
    call(SYS_EXECVE, (word)command[0], (word)command, (word)&none, 0, 0);
    leave(127);
  }
  int status = 0;
  call(SYS_WAIT4, child, (word)&status, 0, 0, 0);
  put("-- ");
  put_hex(status, 4);
  end_line();
}

int main_program(void) {
  const char **command = (const char **)arguments + 2;
  for (const char **at = command; *command; at++) {
    const int last = *at == 0;
    if (!last && (*at)[0] != ',') continue;
    *at = 0;
    run(command);
    command = at + !last;
  }
  call(SYS_REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
  return 0;
}
