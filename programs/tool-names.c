/* SPDX-License-Identifier: MIT */
/*
 * The classes that a name stands for: a type, a tag, an alias, a CPU model.
 */
#include <string.h>

#include "tool-classes.h"
#include "vt-gen/program-vintage-vm.h"

/* How the class has the name @name, which is not its own; NULL: it does not have it. */
static const char *
other_name_kind(const VtSchema *schema, const VtLayer *layer, const VtClass *row, const char *name)
{
    const VtProgram *program = &vt_program_vintage_vm;

    if (!(row->flags & VT_CLASS_ABSTRACT) && strcmp(vt_class_row_tag(schema, layer, row), name) == 0) {
        return "type";
    }
    for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, 0, alias));) {
        if (strcmp(vt_alias_name(schema, layer, alias, 0), name) == 0) {
            return "alias of type";
        }
    }
    for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
        uint16_t target = (uint16_t)(1u << bit);
        g_autofree char *model = vt_program_model_name(program, layer, row, target);

        if (strcmp(vt_class_row_name(schema, layer, row, target), name) == 0) {
            return "type";
        }
        if (!model) {
            continue;
        }
        if (strcmp(model, name) == 0) {
            return "CPU model, type";
        }
        for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, target, alias));) {
            g_autofree char *other = vt_program_model_alias(program, layer, row, target, alias);

            if (g_ascii_strcasecmp(other, name) == 0 ||
                strcmp(vt_alias_name(schema, layer, alias, target), name) == 0) {
                return "alias of CPU model, type";
            }
        }
    }
    return NULL;
}

GArray *
tool_classes_named(const VtSchema *schema, const char *name)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(ToolNamed));
    ToolNamed own = {vt_schema_class(schema, name), "type"};
    const VtLayer *layer;
    const VtClass *row;

    if (own.class && !own.class->machine) {
        g_array_append_val(found, own);
    }
    for (row = vt_schema_class_from(schema, 0, &layer); row; row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        const char *kind = own.class && own.class->row == row ? NULL : other_name_kind(schema, layer, row, name);
        ToolNamed other = {kind ? vt_schema_class_by_id(schema, row->id) : NULL, kind};

        if (kind && !other.class->machine) {
            g_array_append_val(found, other);
        }
    }
    return found;
}
