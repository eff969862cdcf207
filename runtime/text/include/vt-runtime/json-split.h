/* SPDX-License-Identifier: MIT */
/*
 * Split: finds the JSON values in a stream while bytes arrive.
 *
 * A value is complete when its brackets are balanced; the scanner checks the JSON. A byte that cannot begin a value is
 * an error. The splitter then ignores bytes up to the next line end or opening bracket. A byte that cannot be inside a
 * value is an error, too. The splitter then drops the rest of that value without another error. Inside a value, a byte
 * 0xFF anywhere and a line end in a string end the value.
 *
 * The buffer grows with the bytes received. vt_json_split_next() shrinks it when the values are consumed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define VT_SPLIT_DEPTH_LIMIT 64

typedef struct VtJsonSplit {
    char *text; /* the bytes received from the start of the unfinished value */
    size_t len, size;
    size_t limit;   /* of one value, in bytes; may change at any time */
    size_t scanned; /* bytes of text already examined */
    size_t depth;
    bool in_string, escaped;
    char quote;     /* of the string */
    bool skipping;  /* after an error outside a value, up to a line end or bracket */
    bool dropping;  /* after an error inside a value, up to its end */
    bool exhausted; /* the allocation for a value failed; the next result reports it */
} VtJsonSplit;

typedef enum VtSplitResult { VT_SPLIT_MORE, VT_SPLIT_VALUE, VT_SPLIT_ERROR } VtSplitResult;

void vt_json_split_init(VtJsonSplit *split, size_t limit);
void vt_json_split_clear(VtJsonSplit *split);
/* Appends @len bytes of the stream. If memory is short and vt_json_split_next() has returned VT_SPLIT_MORE, drops the
 * unfinished value and reports it later. Otherwise, a failed allocation aborts the process: append small parts. */
void vt_json_split_add(VtJsonSplit *split, const char *bytes, size_t len);
/*
 * Returns the next value or error. VT_SPLIT_VALUE: *@ret_text is borrowed until the next call with @split.
 * VT_SPLIT_ERROR: *@ret_error is a literal phrase. VT_SPLIT_MORE: all bytes are examined, append more.
 */
VtSplitResult vt_json_split_next(VtJsonSplit *split, const char **ret_text, size_t *ret_len, const char **ret_error);
