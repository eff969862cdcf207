/* SPDX-License-Identifier: MIT */
/*
 * The end of a program's standard output.
 */
#pragma once

/*
 * Every program returns from main() through it: what was printed is written, and @status is returned.  Where the output
 * cannot be written, it says so on standard error as @program, and returns 1 instead of a @status of 0.
 */
int output_end(const char *program, int status);
