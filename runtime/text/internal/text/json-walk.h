/* SPDX-License-Identifier: MIT */
/*
 * Walk: the spans of the members of a JSON object, or the elements of a list, without decoding them.
 *
 * It looks no closer than it must to find where values end: what a span holds is checked by whoever decodes it.
 * Text that it cannot make sense of ends the walk with failed set.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct VtSpan {
    const char *text;
    size_t len;
} VtSpan;

typedef struct VtJsonWalk {
    const char *next, *end; /* after the last value, next stands behind the closing bracket */
    char close;
    bool started, failed;
} VtJsonWalk;

/* @text: an object or a list, blanks before it allowed. */
void vt_json_walk_init(VtJsonWalk *walk, const char *text, size_t len);
/* The next member; key is what stands between its quotes, escapes and all, and empty in lists. */
bool vt_json_walk_next(VtJsonWalk *walk, VtSpan *ret_key, VtSpan *ret_value);
/* Whether only blanks follow what was walked. */
bool vt_json_walk_at_end(const VtJsonWalk *walk);
