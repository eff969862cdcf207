/* SPDX-License-Identifier: MIT */
/*
 * Walk: finds the members of a JSON object, or the elements of a list, without decoding them.
 *
 * It checks only what it needs to find the end of each value. The code that decodes a span checks its content.
 * Malformed text ends the walk and sets VtJsonWalk.failed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct VtSpan {
    const char *text;
    size_t len;
} VtSpan;

/* Whether the bytes are those of @text. */
static inline bool
vt_span_is(VtSpan span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.text, text, span.len) == 0;
}

typedef struct VtJsonWalk {
    const char *next, *end; /* after the last value, next is after the closing bracket */
    char close;
    bool started, failed;
} VtJsonWalk;

/* Starts the walk of @text, an object or a list. Blanks may precede it. @text is borrowed during the walk. */
void vt_json_walk_init(VtJsonWalk *walk, const char *text, size_t len);
/* Moves to the next member; returns false at the end and on failure. *@ret_key is the text between the quotes, with
 * escapes; it is empty in lists. */
bool vt_json_walk_next(VtJsonWalk *walk, VtSpan *ret_key, VtSpan *ret_value);
/* Returns whether the walk is complete and only blanks follow. */
bool vt_json_walk_at_end(const VtJsonWalk *walk);
