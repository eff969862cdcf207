/* SPDX-License-Identifier: MIT */
/*
 * Outgoing: what a session still has to write.  Constant text, such as the schema, stays where it is and is written
 * from there; all else is kept in one buffer, which is given back when it has been written.
 */
#pragma once

#include <stdbool.h>
#include <sys/uio.h>

#include <glib.h>

#include "text/json-walk.h"

typedef struct VtOutgoing {
    GString *text;        /* appended to by whoever answers */
    GArray *constants;    /* of VtOutgoingConstant, in order; NULL: none */
    size_t text_done;     /* bytes of @text that are written */
    size_t constant_left; /* bytes of all @constants that are not */
    size_t constant_done; /* bytes of the first of @constants that are written */
} VtOutgoing;

void vt_outgoing_init(VtOutgoing *out);
void vt_outgoing_clear(VtOutgoing *out);
/* How many bytes are not written. */
size_t vt_outgoing_size(const VtOutgoing *out);
/* Appends text that lives as long as the process. */
void vt_outgoing_add_constant(VtOutgoing *out, VtSpan span);
/* Inserts @other, which is text alone, before what was appended at text->str[start] and later. */
void vt_outgoing_insert(VtOutgoing *out, size_t start, const GString *other);
/* Takes back what was appended at text->str[start] and later, as one text that the caller frees. */
char *vt_outgoing_take(VtOutgoing *out, size_t start);
/* The next parts to write; returns how many of @max there are. */
int vt_outgoing_parts(const VtOutgoing *out, struct iovec *ret_parts, int max);
/* @n bytes are written. */
void vt_outgoing_advance(VtOutgoing *out, size_t n);
/* Forgets everything. */
void vt_outgoing_drop(VtOutgoing *out);
