/* SPDX-License-Identifier: MIT */
/*
 * Split: the JSON values that follow one another in a stream, found as the bytes come in.
 *
 * A value is returned once its brackets are balanced; whether it is JSON is for the scanner to say.  What can't begin a
 * value is an error, after which the stream is picked up behind the next line end or at the next bracket.  What can't
 * stand inside a value is an error at once; the rest of that value is dropped without another error, so that the next
 * value is found where it begins.  A line end inside a string, and a byte 0xFF anywhere, end the unfinished value.
 *
 * Memory grows with the bytes received, up to the limit, and shrinks when they have been consumed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define VT_SPLIT_DEPTH_LIMIT 64

typedef struct VtJsonSplit {
    char *text; /* bytes from the start of the unfinished value on */
    size_t len, size;
    size_t limit;   /* of one value, in bytes; may be changed at any time */
    size_t scanned; /* of text, already looked at */
    size_t depth;
    bool in_string, escaped;
    bool skipping;  /* behind an error outside of a value, until a line end or a bracket */
    bool dropping;  /* behind an error inside a value, until its end */
    bool exhausted; /* the host has no memory for the value: an error to report */
} VtJsonSplit;

typedef enum VtSplitResult { VT_SPLIT_MORE, VT_SPLIT_VALUE, VT_SPLIT_ERROR } VtSplitResult;

void vt_json_split_init(VtJsonSplit *split, size_t limit);
void vt_json_split_clear(VtJsonSplit *split);
/* Appends a small part of the stream; what came before has been looked at to its end, or is small too. */
void vt_json_split_add(VtJsonSplit *split, const char *bytes, size_t len);
/*
 * The next value, or the next error.  *ret_text is borrowed until the next call.  MORE: all bytes are looked at.
 * ERROR: *ret_error is a phrase that says what is wrong.
 */
VtSplitResult vt_json_split_next(VtJsonSplit *split, const char **ret_text, size_t *ret_len, const char **ret_error);
