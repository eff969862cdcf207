/* SPDX-License-Identifier: MIT */
/*
 * End of a program's standard output.
 */
#pragma once

/*
 * Call at the end of main().  Flushes standard output and returns @status.  If the flush fails, reports that on
 * standard error as @program, and returns 1 instead of 0.
 */
int output_end(const char *program, int status);
