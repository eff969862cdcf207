/* SPDX-License-Identifier: MIT */
#include "visit/visit-private.h"

bool
vt_pending_add(VtVisit *v, VtPendings *list, VtText *key, const char *key_at)
{
    VtCursor *c = v->c;
    VtPending pending = {.key = *key, .key_at = key_at};

    if (!vt_cursor_colon(c)) {
        return false;
    }
    /* The visit of the member starts at the colon. */
    pending.mark = (VtMark){.at = c->scan.p - 1};
    if (!vt_cursor_skip(c)) {
        return false;
    }
    pending.mark.end = c->scan.p;
    key->owned = NULL;
    if (list->n == list->room) {
        VtPending *old = list->v;

        list->room = list->room ? list->room * 2 : G_N_ELEMENTS(list->few);
        list->v = list->room == G_N_ELEMENTS(list->few) ? list->few : g_new(VtPending, list->room);
        if (old) {
            memcpy(list->v, old, list->n * sizeof *old);
        }
        if (old && old != list->few) {
            g_free(old);
        }
    }
    list->v[list->n++] = pending;
    return true;
}

void
vt_pending_begin(VtVisit *v, VtPending *pending)
{
    v->c->scan.at = pending->key_at;
    vt_cursor_go(v->c, &pending->mark);
    pending->done = true;
}

bool
vt_pending_end(VtVisit *v, const VtPending *pending)
{
    return v->c->scan.p == pending->mark.end || vt_scan_fail_expected(&v->c->scan, "',' or '}'");
}

void
vt_pending_clear(VtPendings *list)
{
    for (size_t i = 0; i < list->n; i++) {
        vt_text_clear(&list->v[i].key);
    }
    if (list->v && list->v != list->few) {
        g_free(list->v);
    }
}
