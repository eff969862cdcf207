/* SPDX-License-Identifier: MIT */
/*
 * Candidates of a completion: names of classes, machines and models.
 */
#include <string.h>

#include "option-complete.h"
#include "option-help.h"
#include "text/keyval.h"
#include "vt-runtime/vendor-machine.h"

void
vt_completion_add(VtCompletion *self, const char *kept, const char *name, const char *end, const char *doc)
{
    g_autofree char *text = g_strconcat(kept, name, end, NULL);

    if (!g_str_has_prefix(text, self->word) || g_hash_table_contains(self->seen, text)) {
        return;
    }
    g_ptr_array_add(self->lines, g_strconcat(text, doc && doc[0] ? "\t" : "", doc, NULL));
    g_hash_table_add(self->seen, g_steal_pointer(&text));
}

bool
vt_completion_offers(const VtCompletion *self, const VtLife *life)
{
    return vt_help_stage(self->schema, life) != VT_LIFE_REMOVED;
}

char *
vt_completion_item(const char *text, const char *key)
{
    size_t len = strlen(key);

    /* The last item is the one to complete. */
    for (const char *end; *(end = vt_keyval_item_end(text)); text = end + 1) {
        if (strncmp(text, key, len) == 0 && text[len] == '=') {
            return g_strndup(text + len + 1, end - text - len - 1);
        }
    }
    return NULL;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

static bool
is_created_by(const VtCompletion *self, const VtClass *row, const VtClassInfo *root)
{
    return row->root == root->row->id && row->id != row->root &&
           (!row->targets || !self->target || (row->targets & self->target)) &&
           (row->flags & VT_CLASS_USER_CREATABLE) && !(row->flags & (VT_CLASS_ABSTRACT | VT_CLASS_IF_OFF));
}

void
vt_completion_add_tags(VtCompletion *self, const VtClassInfo *root, const char *kept, const char *end)
{
    const VtLayer *layer;
    const VtClass *row;

    for (row = vt_schema_class_from(self->schema, 0, &layer); row;
         row = vt_schema_class_from(self->schema, row->id + 1, &layer)) {
        const char *doc = vt_text(layer->texts, row->doc);

        if (!is_created_by(self, row, root) ||
            !vt_completion_offers(self, row->life ? &layer->lives[row->life] : NULL)) {
            continue;
        }
        vt_completion_add(self, kept, vt_class_row_tag(self->schema, layer, row), end, doc);
        for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, self->target, alias));) {
            vt_completion_add(self, kept, vt_alias_name(self->schema, layer, alias, self->target), end, doc);
        }
    }
}

static void
add_machine_versions(VtCompletion *self, const VtClassInfo *family, const char *kept)
{
    const char *doc = vt_text(family->layer->texts, family->row->doc);

    for (size_t v = vt_schema_n_versions(self->schema, VT_AXIS_MACHINE); v >= family->machine->from; v--) {
        VtLife life;
        const char *why;

        if (!vt_machine_has_version(family, (uint16_t)v)) {
            continue;
        }
        vt_machine_life(family, (uint16_t)v, &life, &why);
        if (vt_completion_offers(self, &life)) {
            g_autofree char *name = vt_machine_version_name(family, (uint16_t)v);

            vt_completion_add(self, kept, name, "", doc);
        }
    }
    for (const VtVendorMachine *machine = NULL; (machine = vt_vendor_machine_next(self->schema, family, machine));) {
        g_autofree char *vendor_doc = vt_vendor_machine_doc(machine);

        vt_completion_add(self, kept, machine->name, "", vendor_doc);
    }
}

void
vt_completion_add_machines(VtCompletion *self, const VtClassInfo *root, const char *kept)
{
    const VtLayer *layer;
    const VtClass *row;

    for (row = vt_schema_class_from(self->schema, 0, &layer); row;
         row = vt_schema_class_from(self->schema, row->id + 1, &layer)) {
        const VtClassInfo *family =
            is_created_by(self, row, root) ? vt_schema_class_by_id(self->schema, row->id) : NULL;

        if (family && family->machine && family->machine->from) {
            add_machine_versions(self, family, kept);
            for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, self->target, alias));) {
                vt_completion_add(self, kept, vt_str(layer, alias->name), "", vt_text(layer->texts, row->doc));
            }
        } else if (family) {
            vt_completion_add(self, kept, family->tag, "", vt_text(layer->texts, row->doc));
        }
    }
}

void
vt_completion_add_models(VtCompletion *self, const VtOption *option, const char *kept)
{
    const VtLayer *layer;
    const VtClass *row;

    for (row = vt_schema_class_from(self->schema, 0, &layer); row;
         row = vt_schema_class_from(self->schema, row->id + 1, &layer)) {
        g_autofree char *name = vt_option_model_name(option, layer, row, self->target);

        if (!name || !vt_completion_offers(self, row->life ? &layer->lives[row->life] : NULL)) {
            continue;
        }
        vt_completion_add(self, kept, name, "", vt_text(layer->texts, row->doc));
        for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, self->target, alias));) {
            g_autofree char *other = vt_option_model_alias(option, layer, row, self->target, alias);

            vt_completion_add(self, kept, other, "", name);
        }
    }
}
