/* SPDX-License-Identifier: MIT */
/*
 * Late options: their values become objects when the machine is known.  Each file uses only files before it in this
 * list: option-template.c, option-expansion.c, option-made.c, option-late.c.
 */
#pragma once

#include "options-private.h"
#include "options/template.h"
#include "vt-runtime/expansion.h"

/* What late options stand for in a context. */
typedef struct VtLate {
    GPtrArray **waiting; /* by option: of VtSource, values to expand */
    uint32_t n_waiting;
    GPtrArray *machine; /* of VtSource: members of the machine */
    GPtrArray *board;   /* of VtSource: objects that exist before those of the user */
    GPtrArray *added;   /* of VtSource: objects after those of the user */
} VtLate;

struct VtExpansion {
    VtCommandLine *line;
    VtContext *ctx;
    const VtConfig *machine; /* with the values of the user; NULL: the program has no machines */
    GHashTable *classes;     /* names of classes of which the command line creates objects; NULL: not collected yet */
    VtLate *late;
    /* Of the option in hand: */
    const VtOption *option;
    GPtrArray *sources; /* of VtSource, borrowed: by value */
    char *values;
    size_t size; /* of a value */
    bool *dropped;
};

/* ---- option-made.c ------------------------------------------------------------------------------------- */

/* Applies the templates to @value, which may be NULL.  @from: where the value is from. */
bool vt_late_templates_apply(VtExpansion *expansion, const char *templates, const VtSource *from, json_object *value,
                             GError **error);

/* ---- option-late.c ------------------------------------------------------------------------------------- */

/* Expands the late options of @line, and adds the default devices.  The caller clears @ret, also on failure. */
bool vt_option_expand_late(VtCommandLine *line, VtContext *ctx, VtLate *ret, GError **error);
void vt_late_sources_clear(VtLate *late);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtLate, vt_late_sources_clear)
