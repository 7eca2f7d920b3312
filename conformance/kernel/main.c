#include "cases.h"
#include "machine.h"

const char source_hash[] __attribute__((used)) = SOURCE_SHA256;

/* `command_line`: the file's name, then what leave_out takes. */
void kernel_main(const char *command_line) {
  while (*command_line && *command_line != ' ') command_line++;
  /* No interrupts from devices: every case is alone. */
  __asm__ volatile("movb $0xff, %%al; outb %%al, $0x21; outb %%al, $0xa1" : : : "eax");
  leave_out(command_line + (*command_line != 0));
  cases_exceptions();
  cases_segments();
  cases_limits();
  cases_transfers();
  cases_interrupts();
  cases_tasks();
  cases_v86();
  cases_virtual_flags();
  cases_real();
  cases_flags();
  cases_debug();
  cases_paging();
  cases_user_pages();
  cases_control();
  cases_fpu();
  cases_stack();
  print("done\n");
  stop(0);
}
