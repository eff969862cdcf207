/* SPDX-License-Identifier: MIT */
/*
 * Failures of members: unknown, internal, read-only, or of another target.  What messages hide.
 */
#include <string.h>

#include "visit/visit-private.h"

/* Returns whether the current member is known and cannot contain a sensitive value. */
static bool
is_plain(const VtVisit *v)
{
    if (v->row) {
        return !vt_row_is_sensitive(v->schema, v->layer, v->row);
    }
    return v->prop && !vt_row_is_sensitive(v->schema, v->prop->layer, v->prop->row);
}

bool
vt_visit_hides(const void *visit)
{
    const VtVisit *v = visit;

    if (v->root && !v->info) {
        return vt_class_root_is_sensitive(v->root);
    }
    return (v->root ? v->info->row->flags & VT_CLASS_SENSITIVE : v->sensitive) && !is_plain(v);
}

/* The keys of the text before the setting that is visited. */
static GString *
keys_before(const VtCursor *c)
{
    const VtKeyval *keyval = c->keyval;
    const VtSetting *here = &keyval->settings[c->here.lo];
    GString *keys = g_string_new(NULL);

    for (size_t i = 0; i < keyval->n; i++) {
        const VtSetting *each = &keyval->settings[i];

        if (each->order < here->order) {
            g_string_append_printf(keys, "%s=%s,", each->key, strstr(each->value, "://") ? "://" : "");
        }
    }
    return keys;
}

/* Whether the name of an unknown member cannot be part of a sensitive value: none precedes it. */
static bool
may_show(const VtVisit *v)
{
    const VtCursor *c = v->c;
    g_autoptr(GString) keys = NULL;

    if (c->kind == VT_CURSOR_TEXT) {
        return vt_schema_keys_are_plain(v->schema, c->scan.start, (size_t)(c->scan.at - c->scan.start));
    }
    if (c->kind == VT_CURSOR_TREE || c->here.lo >= c->keyval->n) {
        return false;
    }
    keys = keys_before(c);
    return vt_schema_keys_are_plain(v->schema, keys->str, keys->len);
}

/* The key of key=value text of which the unknown name is the start, or NULL. The caller frees it. */
static char *
whole_key(const VtCursor *c, const char *name, size_t len)
{
    const VtSetting *here =
        c->kind == VT_CURSOR_KEYVAL && c->here.lo < c->keyval->n ? &c->keyval->settings[c->here.lo] : NULL;

    return here && name >= here->key && name + len < here->key + here->key_len ? g_strndup(name, 100) : NULL;
}

bool
vt_visit_fail_unknown(VtVisit *v, const char *what, const char *name, size_t len, const char *const *names)
{
    g_autofree char *part = g_strndup(name, MIN(len, 100)), *whole = whole_key(v->c, name, len);
    const char *word = whole ? whole : part, *nearest = vt_nearest(word, names);

    if (!nearest && whole) {
        nearest = vt_nearest(part, names);
    }

    /* In malformed text, the unknown name may be part of a sensitive value. */
    if (vt_scan_hides(&v->c->scan) && !may_show(v)) {
        return nearest
                   ? vt_cursor_fail_plain(v->c, "%s; did you mean '%s'?", what, nearest)
                   : vt_cursor_fail_plain(v->c, "%s; its name is not shown because it may be part of a secret", what);
    }
    if (nearest) {
        return vt_cursor_fail_plain(v->c, "%s '%s'; did you mean '%s'?", what, word, nearest);
    }
    return vt_cursor_fail_plain(v->c, "%s '%s'", what, word);
}

bool
vt_visit_has_target(const VtVisit *v, const VtCold *cold)
{
    uint16_t target = v->ctx ? vt_context_target(v->ctx) : 0;

    return !cold->targets || !target || (cold->targets & target);
}

bool
vt_visit_check_row(VtVisit *v, const VtLayer *layer, const VtRow *row, const char *name)
{
    const VtCold *cold = &layer->colds[row->cold];

    if (cold->features & VT_FEATURE_INTERNAL) {
        return vt_cursor_fail_plain(v->c, "member '%s' is internal: it cannot be set", name);
    }
    if (cold->features & VT_FEATURE_READ_ONLY) {
        return vt_cursor_fail_plain(v->c, "member '%s' is read-only: it cannot be set", name);
    }
    return vt_visit_has_target(v, cold) || vt_cursor_fail_plain(v->c, "member '%s' does not exist for target %s", name,
                                                                vt_target_name(vt_context_target(v->ctx)));
}
