/* SPDX-License-Identifier: MIT */
/*
 * The process's standard input and output, which one user may have at a time.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* @who is kept for the error that the next one gets; borrowed until vt_stdio_release(). */
bool vt_stdio_claim(const char *who, GError **error);
void vt_stdio_release(void);
