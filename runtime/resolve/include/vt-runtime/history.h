/* SPDX-License-Identifier: MIT */
/*
 * The history of the default of a member, entry by entry.
 */
#pragma once

#include "vt-runtime/context.h"

/* An entry.  Texts are borrowed from the tables; NULL: there is none. */
typedef struct VtHistoryRow {
    const VtEntry *entry;
    VtAxis axis;
    const char *since;          /* first version on @axis; NULL: it applies from the beginning */
    const char *release;        /* first release of QEMU; NULL: it applies in all of them */
    const char *family, *accel; /* machine family and accelerator to which it is limited */
    uint16_t targets;           /* mask of the targets to which it is limited; 0: it is not */
    const uint16_t *needs;      /* platform features that it requires, 0-terminated */
    const char *why;
    const char *file; /* position in the schema */
    unsigned line;
} VtHistoryRow;

/* The number of entries; 0: the member has no default. */
unsigned vt_history_length(const VtProp *prop);
/* Entry @index, below the length. */
VtHistoryRow vt_history_row(const VtSchema *schema, const VtProp *prop, unsigned index);
/* The value of @entry as JSON, a new reference; NULL: it makes the member absent, or is JSON null. */
struct json_object *vt_entry_value(const VtContext *ctx, const VtProp *prop, const VtEntry *entry);
