/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <glib.h>

int
output_end(const char *program, int status)
{
    bool failed = ferror(stdout);
    int number = failed ? errno : 0;

    if (fflush(stdout) != 0) {
        failed = true;
        number = errno;
    }
    if (!failed) {
        return status;
    }
    if (number) {
        fprintf(stderr, "%s: standard output: cannot be written: %s\n", program, g_strerror(number));
    } else {
        fprintf(stderr, "%s: standard output: cannot be written\n", program);
    }
    return status ? status : 1;
}
