/* Mode 13h, 320 × 200 in 256 colours, by the VGA's registers; the text mode that was there comes back with its font. */
#pragma once
#include "base.h"

enum { GRAPHICS_WIDTH = 320, GRAPHICS_HEIGHT = 200, GRAPHICS_COLOURS = 256 };

struct rgb {
  u8 red, green, blue; /* 0 to 63 */
};

/* A byte a pixel, row by row. */
extern volatile u8 *const graphics_memory;

/* False when there is no VGA, or graphics are shown already. The picture is black. */
bool graphics_enter(const struct rgb *palette, u32 colours);
void graphics_leave(void);
bool graphics_active(void);
