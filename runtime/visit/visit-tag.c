/* SPDX-License-Identifier: MIT */
/*
 * Find the class that a tag creates.
 */
#include "resolve/context-private.h"
#include "visit/visit-private.h"
#include "vt-runtime/names.h"

#define TAG_MAX 255 /* longest name of a class */

bool
vt_id_is_well_formed(const char *id, size_t len)
{
    size_t i = 1;

    if (!len || !g_ascii_isalpha(*id)) {
        return false;
    }
    while (i < len && (g_ascii_isalnum(id[i]) || id[i] == '-' || id[i] == '.' || id[i] == '_')) {
        i++;
    }
    return i == len;
}

static bool
fail_unknown_class(VtVisit *v, const VtClassInfo *root, const char *tag)
{
    g_autoptr(GArray) names = vt_names_new();
    uint16_t target = v->ctx ? vt_context_target(v->ctx) : 0;
    const char *nearest;
    const VtLayer *layer;
    const VtClass *row;
    g_autofree char *what = g_strdup_printf("unknown %s", *root->kind ? root->kind : root->name);

    for (row = vt_schema_class_from(v->schema, 0, &layer); row;
         row = vt_schema_class_from(v->schema, row->id + 1, &layer)) {
        if (row->root == root->row->id && (!row->targets || !target || (row->targets & target)) &&
            !(row->flags & VT_CLASS_ABSTRACT) && row->flags & VT_CLASS_USER_CREATABLE) {
            vt_names_add(names, vt_class_row_tag(v->schema, layer, row));
            for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, row->id, target, alias));) {
                vt_names_add(names, vt_alias_name(v->schema, layer, alias, target));
            }
        }
    }
    if (!vt_scan_hides(&v->c->scan) || !vt_id_is_well_formed(tag, strlen(tag))) {
        return vt_visit_fail_unknown(v, what, tag, strlen(tag), vt_names_list(names));
    }
    /* A well-formed name of a class is not sensitive: show it. */
    nearest = vt_nearest(tag, vt_names_list(names));
    return nearest ? vt_cursor_fail_plain(v->c, "%s '%s'; did you mean '%s'?", what, tag, nearest)
                   : vt_cursor_fail_plain(v->c, "%s '%s'", what, tag);
}

static const VtClassInfo *
look_up(VtVisit *v, const VtClassInfo *root, const char *tag)
{
    const VtClassInfo *info;

    if (vt_class_is_machine(root)) {
        g_autoptr(GError) error = NULL;
        VtMachineName machine = {0};

        if (!vt_machine_find_for(v->schema, tag, v->ctx ? vt_context_target(v->ctx) : 0, &machine, &error)) {
            vt_cursor_fail(v->c, "%s", error->message);
            return NULL;
        }
        info = machine.family;
        vt_machine_name_clear(&machine);
    } else {
        info = vt_schema_class_by_tag(v->schema, root, tag);
        if (!info) {
            info = vt_schema_class_by_alias(v->schema, root, tag, v->ctx ? vt_context_target(v->ctx) : 0);
        }
    }
    if (!info || info->row->flags & VT_CLASS_IF_OFF) {
        fail_unknown_class(v, root, tag);
        return NULL;
    }
    if (vt_class_is_abstract(info)) {
        vt_cursor_fail_plain(v->c, "'%s' is abstract: it cannot be created", tag);
        return NULL;
    }
    if (!(info->row->flags & VT_CLASS_USER_CREATABLE)) {
        vt_cursor_fail_plain(v->c, "'%s' cannot be created by users", tag);
        return NULL;
    }
    return info;
}

const VtClassInfo *
vt_visit_find_class(VtVisit *v, const VtClassInfo *root, const VtText *tag)
{
    /* Consecutive creations are often of the same class. */
    const VtClassInfo **last = &v->ctx->created[root->row->id % VT_CREATED_SLOTS];
    const VtClassInfo *info = *last;
    uint16_t target;

    if (!info || info->root != root || strncmp(info->tag, tag->s, tag->len) != 0 || info->tag[tag->len]) {
        char name[TAG_MAX + 1];
        size_t len = MIN(tag->len, TAG_MAX);

        memcpy(name, tag->s, len);
        name[len] = '\0';
        info = look_up(v, root, name);
        if (!info) {
            return NULL;
        }
        *last = vt_class_is_machine(root) ? NULL : info;
    }
    target = vt_context_target(v->ctx);
    if (info->row->targets && target && !(info->row->targets & target)) {
        vt_cursor_fail_plain(v->c, "'%s' does not exist for target %s", info->tag, vt_target_name(target));
        return NULL;
    }
    return info;
}
