/* SPDX-License-Identifier: MIT */
/*
 * Split: the JSON values that follow one another in a stream, found as the bytes come in.
 *
 * A value is handed on once its brackets are balanced; whether it is JSON is for the scanner to say.  What can't begin
 * or go on a value is an error, after which the stream is picked up again as QEMU does: behind the next line end or at
 * the next bracket.  A byte 0xFF outside of any use brings the splitter back to its start.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define VT_SPLIT_SIZE_LIMIT  ((size_t)64 << 20)
#define VT_SPLIT_DEPTH_LIMIT 64

typedef struct VtJsonSplit {
    GString *text;  /* bytes from the start of the unfinished value on */
    size_t scanned; /* of text, already looked at */
    size_t depth;
    bool in_string, escaped;
    bool skipping; /* behind an error, until a line end or a bracket */
    bool dropping; /* a value over a limit: read to its end, not kept */
} VtJsonSplit;

typedef enum VtSplitResult { VT_SPLIT_MORE, VT_SPLIT_VALUE, VT_SPLIT_ERROR } VtSplitResult;

void vt_json_split_init(VtJsonSplit *split);
void vt_json_split_clear(VtJsonSplit *split);
void vt_json_split_add(VtJsonSplit *split, const char *bytes, size_t len);
/* Bytes may also be read straight into the text: room for @len, then the number that came. */
char *vt_json_split_reserve(VtJsonSplit *split, size_t len);
void vt_json_split_commit(VtJsonSplit *split, size_t reserved, size_t len);
/*
 * The next value, or the next error.  *ret_text is borrowed until the next call.  MORE: all bytes are looked at.
 * ERROR: *ret_error is a phrase that says what is wrong.
 */
VtSplitResult vt_json_split_next(VtJsonSplit *split, const char **ret_text, size_t *ret_len, const char **ret_error);
