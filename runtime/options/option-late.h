/* SPDX-License-Identifier: MIT */
/*
 * Late options: their values become objects when the machine is known.  Each file uses only files before it in this
 * list: option-template.c, option-expansion.c, option-made.c, option-late.c.
 */
#pragma once

#include "options-private.h"
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

/* ---- option-template.c --------------------------------------------------------------------------------- */

#define VT_SPREAD "..." /* the key whose members become those of the object around it */

/* What placeholders and guards refer to. */
typedef struct VtTemplateScope {
    const VtSchema *schema;
    json_object *value;      /* of the option; or NULL */
    unsigned index;          /* number of earlier uses of the option */
    const VtConfig *machine; /* NULL: none */
    VtExpansion *expansion;  /* NULL: there are no '$options' and '$objects' */
    bool (*uses)(const struct VtTemplateScope *scope, const char *option);   /* '$options' */
    bool (*creates)(const struct VtTemplateScope *scope, const char *class); /* '$objects' */
} VtTemplateScope;

/* @template with its placeholders replaced: a new reference.  Members whose placeholder has no value are left out. */
json_object *vt_template_fill(const VtTemplateScope *scope, json_object *template);
/* Evaluates 'when' and 'unless' of the template. */
bool vt_template_applies(const VtTemplateScope *scope, json_object *template);

/* ---- option-made.c ------------------------------------------------------------------------------------- */

/* Applies the templates to @value, which may be NULL.  @from: where the value is from. */
bool vt_late_templates_apply(VtExpansion *expansion, const char *templates, const VtSource *from, json_object *value,
                             GError **error);

/* ---- option-late.c ------------------------------------------------------------------------------------- */

/* Expands the late options of @line, and adds the default devices.  The caller clears @ret, also on failure. */
bool vt_option_expand_late(VtCommandLine *line, VtContext *ctx, VtLate *ret, GError **error);
void vt_late_sources_clear(VtLate *late);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtLate, vt_late_sources_clear)
