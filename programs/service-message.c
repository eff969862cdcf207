/* SPDX-License-Identifier: MIT */
#include "service-message.h"

#include <stdio.h>

void
service_print(const VtProgram *program, const ServiceOptions *options, const char *message)
{
    g_autofree char *line = g_strdelimit(g_strdup(message), "\r\n", ' ');

    if (options && options->timestamp) {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S.%fZ");

        fprintf(stderr, "%s ", time);
    }
    if (options && options->guest_name && options->name) {
        fprintf(stderr, "%s ", options->name);
    }
    fprintf(stderr, "%s: %s\n", program->name, line);
}

int
service_fail(const VtProgram *program, const ServiceOptions *options, const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);

    /* Each line is an error. */
    for (size_t i = 0; lines[i]; i++) {
        service_print(program, options, lines[i]);
    }
    return SERVICE_WRONG;
}
