/* SPDX-License-Identifier: MIT */
/*
 * The standard input and output of the process, which have one user at a time. Main thread only.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Claims them for @who, which is borrowed until vt_stdio_release(). If they are claimed already, returns false, and
 * @error names the present user. */
bool vt_stdio_claim(const char *who, GError **error);
void vt_stdio_release(void);
