/* The 8042 with a PS/2 keyboard in scan code set 1 (translated), US layout, and a PS/2 mouse. */
#pragma once
#include "base.h"

void keyboard_init(void);
/* Asks the keyboard controller to reset the machine. */
void keyboard_reset_machine(void);
/* How many keys have been pressed while graphics were shown; the screen's console does not get those. */
u32 keyboard_graphics_keys(void);

struct mouse {
  i32 x, y; /* sums of what was moved, y upwards */
  u32 buttons, packets;
};

/* Switches the mouse on; false when there is none that answers. */
bool mouse_start(void);
void mouse_stop(void);
struct mouse mouse_state(void);
