/* SPDX-License-Identifier: MIT */
#include "text/json-indent.h"

#include <string.h>

#define STEP 4 /* columns */

static void
new_line(GString *text, int depth)
{
    g_string_append_printf(text, "\n%*s", depth * STEP, "");
}

/* Copies the string at @json; returns the position after its closing quote. */
static const char *
copy_string(GString *text, const char *json)
{
    const char *end = json + 1;

    while (*end != '"') {
        end += 1 + (*end == '\\');
    }
    g_string_append_len(text, json, end + 1 - json);
    return end + 1;
}

void
vt_json_indent(GString *text, const char *json)
{
    int depth = 0;

    while (*json) {
        char c = *json;

        if (c == '"') {
            json = copy_string(text, json);
            continue;
        }
        json++;
        if (c == ' ') {
            continue;
        }
        if (c == '}' || c == ']') {
            new_line(text, --depth);
        }
        g_string_append_c(text, c);
        if (c == ':') {
            g_string_append_c(text, ' ');
        } else if ((c == '{' && *json == '}') || (c == '[' && *json == ']')) {
            g_string_append_c(text, *json++);
        } else if (c == '{' || c == '[') {
            new_line(text, ++depth);
        } else if (c == ',') {
            new_line(text, depth);
        }
    }
}
