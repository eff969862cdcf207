/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

/* Appends @json, which must be well-formed and end with NUL, with each member and element on a line of its own. */
void vt_json_indent(GString *text, const char *json);
