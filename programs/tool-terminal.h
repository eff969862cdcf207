/* SPDX-License-Identifier: MIT */
/*
 * The terminal that output is for: its width, its colours, and a pager.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Sets when text has colours: "auto", "always" or "never"; NULL is "auto".  Returns false if @when is none of them. */
bool terminal_set_color(const char *when);
/* Whether text has colours.  With "auto": on a terminal, unless NO_COLOR is set (https://no-color.org). */
bool terminal_has_color(void);
/* Columns of the terminal; 0: standard output is none, so lines have no limit.  $COLUMNS takes precedence. */
unsigned terminal_width(void);

/*
 * On a terminal, sends standard output through $PAGER, or less, until terminal_end_pager().  As git does, less ends at
 * once if the output fits on the screen.  Elsewhere, and with an empty $PAGER, both have no effect.
 */
void terminal_start_pager(void);
void terminal_end_pager(void);
