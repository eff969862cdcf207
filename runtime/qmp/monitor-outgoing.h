/* SPDX-License-Identifier: MIT */
/*
 * Output queue of a session.  Constant text, such as the schema, is written from where it is.  One buffer holds other
 * text; it is freed after it has been written.
 */
#pragma once

#include <stdbool.h>
#include <sys/uio.h>

#include <glib.h>

#include "vt-runtime/json-walk.h"

typedef struct VtOutgoing {
    GString *text;        /* queued text; callers append replies to it */
    GArray *constants;    /* of VtOutgoingConstant, in order of output; NULL: none */
    size_t text_done;     /* bytes of @text that have been written */
    size_t constant_left; /* bytes of all @constants that have not been written */
    size_t constant_done; /* bytes of the first constant that have been written */
} VtOutgoing;

void vt_outgoing_init(VtOutgoing *out);
void vt_outgoing_clear(VtOutgoing *out);
/* The number of bytes to write. */
size_t vt_outgoing_size(const VtOutgoing *out);
/* Appends constant text, which must live as long as the process. */
void vt_outgoing_add_constant(VtOutgoing *out, VtSpan span);
/* Inserts the text @other at offset @start of the text.  Constants that were appended at @start or later stay after
 * it. */
void vt_outgoing_insert(VtOutgoing *out, size_t start, const GString *other);
/* Removes the text from offset @start on, and the constants in it, and returns them as one text, which the caller
 * frees. */
char *vt_outgoing_take(VtOutgoing *out, size_t start);
/* Stores the next parts to write in @ret_parts, at most @max.  Returns their number. */
int vt_outgoing_parts(const VtOutgoing *out, struct iovec *ret_parts, int max);
/* Records that @n bytes have been written. */
void vt_outgoing_advance(VtOutgoing *out, size_t n);
/* Discards all text and constants. */
void vt_outgoing_drop(VtOutgoing *out);
