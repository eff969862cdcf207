/* SPDX-License-Identifier: MIT */
/*
 * Failures of members: unknown, internal, read-only, or of another target.  What messages hide.
 */
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

bool
vt_visit_fail_unknown(VtVisit *v, const char *what, const char *name, size_t len, const char *const *names)
{
    g_autofree char *word = g_strndup(name, MIN(len, 100));
    const char *nearest = vt_nearest(word, names);

    /* In malformed text, the unknown name may be part of a sensitive value. */
    if (vt_scan_hides(&v->c->scan)) {
        return nearest
                   ? vt_cursor_fail_plain(v->c, "%s; did you mean '%s'?", what, nearest)
                   : vt_cursor_fail_plain(v->c, "%s; its name is not shown because it may be part of a secret", what);
    }
    if (nearest) {
        return vt_cursor_fail(v->c, "%s '%s'; did you mean '%s'?", what, word, nearest);
    }
    return vt_cursor_fail(v->c, "%s '%s'", what, word);
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
