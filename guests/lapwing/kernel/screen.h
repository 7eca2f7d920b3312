/* The VGA's text mode, 80 × 25: row 0 is the status bar, below it the console scrolls. A copy of the cells is kept, so that
 * text written while graphics are shown appears afterwards. */
#pragma once
#include "base.h"

enum { SCREEN_COLUMNS = 80, SCREEN_ROWS = 25 };

void screen_init(void);
/* Whether there is a VGA. */
bool screen_present(void);
/* Text with \n, \r, \b, \t and of ECMA-48: colours (SGR), ED 2, EL 0 and CUP to the top. */
void screen_write(const char *text, u32 length);
void screen_status(const char *text);
/* The hardware does not show text any more, or it does again. */
void screen_hide(void);
void screen_show(void);
