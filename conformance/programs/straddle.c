/* An instruction in two pages while EFLAGS.AC is set. */

#include "straddle.h"

int main_program(void) {
  begin();
  prepare_pages();
  tell("wrong results: ", wrong(EFLAGS));
  tell("wrong results, alignment checked: ", wrong(EFLAGS_AC));
  return 0;
}
