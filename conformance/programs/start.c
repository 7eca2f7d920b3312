/* The guest's first process: runs the programs one after the other and switches the machine off. */

#include "program.h"

static const char *const programs[] = {"/alignment", "/alignment-i386", "/x87-faults", "/features", "/straddle", "/watch"};

static void run(const char *path) {
  put("== ");
  put(path + 1);
  end_line();
  const word child = call(SYS_FORK, 0, 0, 0, 0, 0);
  if (child == 0) {
    const char *arguments[] = {path, 0};
    call(SYS_EXECVE, (word)path, (word)arguments, (word)(arguments + 1), 0, 0);
    leave(127);
  }
  int status = 0;
  call(SYS_WAIT4, child, (word)&status, 0, 0, 0);
  put("-- ");
  put_hex(status, 4);
  end_line();
}

int main_program(void) {
  for (u32 n = 0; n < sizeof programs / sizeof *programs; n++) run(programs[n]);
  call(SYS_REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0);
  return 0;
}
