/* SPDX-License-Identifier: MIT */
/*
 * Creations: with the tag beside the id, or with the tag inside a member (VtClass.within).
 */
#include "visit/visit-private.h"

typedef struct Outer {
    VtVisit *v;
    const VtClassInfo *root;
    const char *id, *within;
    VtText ident; /* .s is NULL: none yet */
    VtConfig *config;
} Outer;

static bool
outer_declared(const void *opaque, const char *name, size_t len)
{
    const Outer *outer = opaque;

    return vt_key_is(outer->id, name, len) || vt_key_is(outer->within, name, len);
}

static bool
visit_outer_member(Outer *outer, const VtText *key)
{
    VtVisit *v = outer->v;
    const char *const names[] = {outer->id, outer->within, NULL};

    if (vt_key_is(outer->id, key->s, key->len)) {
        return vt_visit_id(v, outer->id, outer->ident.s, &outer->ident);
    }
    if (!vt_key_is(outer->within, key->s, key->len)) {
        return vt_visit_fail_unknown(v, "unknown member", key->s, key->len, names);
    }
    if (outer->config) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", outer->within);
    }
    if (vt_cursor_colon(v->c)) {
        outer->config =
            vt_visit_leaf(v, outer->root, vt_str(outer->root->layer, outer->root->row->tag_name), "", false);
    }
    if (!outer->config) {
        vt_cursor_path_name(v->c, outer->within, strlen(outer->within));
    }
    return outer->config;
}

static VtConfig *
visit_outer(Outer *outer)
{
    VtCursor *c = outer->v->c;
    VtToken token = vt_cursor_token(c);
    const char *open = c->scan.at;
    VtMembers members;
    VtMore more = VT_MORE_ERROR;
    bool ok = true;

    if (token != VT_TOKEN_OBJECT && token != VT_TOKEN_GROUP) {
        vt_cursor_fail_type(c, "an object");
        return NULL;
    }
    if (!vt_cursor_open(c, &members, false)) {
        return NULL;
    }
    while (ok && (more = vt_cursor_more(c, &members, outer_declared, outer)) == VT_MORE_YES) {
        ok = vt_cursor_key(c, &members) && visit_outer_member(outer, &members.key);
    }
    vt_text_clear(&members.key);
    ok = ok && more == VT_MORE_END;
    if (ok && (!outer->config || !outer->ident.s)) {
        c->scan.at = open;
        ok = vt_cursor_fail_missing(c, outer->ident.s ? outer->within : outer->id);
    }
    if (!ok) {
        vt_config_free(outer->config);
        vt_text_clear(&outer->ident);
        return NULL;
    }
    vt_config_set_id(outer->config, outer->ident.s, outer->ident.len);
    vt_text_clear(&outer->ident);
    vt_visit_place(c, open, outer->config);
    return outer->config;
}

/* Key=value text may omit the inner object. VtClass.within is then the name of the tag. */
static bool
is_flat(VtCursor *c, const char *within)
{
    VtMark here = c->here;
    bool flat;

    if (c->kind != VT_CURSOR_KEYVAL) {
        return false;
    }
    flat = !vt_cursor_find(c, within, strlen(within)) || vt_cursor_token(c) == VT_TOKEN_WORD;
    c->here = here;
    return flat;
}

VtConfig *
vt_visit_creation(VtVisit *v, const VtClassInfo *root, bool inline_definition)
{
    const char *tag = vt_str(root->layer, root->row->tag_name), *id = vt_str(root->layer, root->row->id_name);
    const char *within = vt_str(root->layer, root->row->within);
    Outer outer = {.v = v, .root = root, .id = id, .within = within};

    if (G_UNLIKELY(*within) && !is_flat(v->c, within)) {
        return visit_outer(&outer);
    }
    return vt_visit_leaf(v, root, *within ? within : tag, id,
                         root->row->flags & VT_CLASS_ID_REQUIRED && !inline_definition);
}
