/* SPDX-License-Identifier: MIT */
/*
 * Adds to a VM that exists what a value of an option stands for.
 */
#include "option-late.h"

#include <string.h>

#include "vt-runtime/error.h"

typedef struct Sources {
    const GPtrArray *lists[3]; /* of VtSource */
    size_t n;
} Sources;

static const VtSource *
source_number(const Sources *sources, size_t i)
{
    unsigned list = 0;

    while (i >= sources->lists[list]->len) {
        i -= sources->lists[list++]->len;
    }
    return sources->lists[list]->pdata[i];
}

static bool
open_source(size_t i, VtCreation *ret_creation, void *opaque, GError **error)
{
    const VtSource *source = source_number(opaque, i);

    *ret_creation = (VtCreation){.root = source->root,
                                 .input = vt_source_open(source, error),
                                 .class = source->class,
                                 .id = source->id,
                                 .where = source->where,
                                 .made = source->made};
    return ret_creation->input != NULL;
}

bool
vt_option_add_objects(const VtProgram *program, VtVm *vm, const char *option, const char *text, const char *kind,
                      GError **error)
{
    VtContext *ctx = vt_vm_context(vm);
    g_autofree char *dashed = g_strconcat("-", option, NULL), *value = g_strdup(text);
    char *argv[] = {dashed, value};
    g_autoptr(VtCommandLine) line = vt_command_line_new(program, vt_context_schema(ctx), 2, argv, error);
    g_auto(VtLate) late = {0};
    Sources sources;

    if (!line) {
        return false;
    }
    vt_command_line_omit_defaults(line);
    if (!vt_option_expand_late(line, ctx, &late, error)) {
        return false;
    }
    sources = (Sources){{late.board, line->creations, late.added},
                        (size_t)late.board->len + line->creations->len + late.added->len};
    for (size_t i = 0; i < sources.n; i++) {
        if (strcmp(source_number(&sources, i)->root->kind, kind) != 0) {
            return vt_error_set(error, "%s: the value also adds a device; expected a %s alone", dashed, kind);
        }
    }
    return vt_vm_plan_each(vm, open_source, &sources, sources.n, error) && vt_vm_realize(vm, error);
}
