/* SPDX-License-Identifier: MIT */
/*
 * Visits of creations: find the class by the tag, copy its image, and decode the members over it.
 */
#include "schema/schema-private.h"
#include "visit/visit-private.h"
#include "vt-runtime/names.h"

#define ID_SHOWN 100U /* bytes of a malformed id in a message */

/* ---- members ----------------------------------------------------------------------------------------- */

typedef struct Creation {
    VtVisit *v;
    const VtClassInfo *root;
    const char *tag, *id, *wrap; /* names of members; wrap and id may be empty */
    VtConfig *config;            /* NULL until the class is known */
    uint64_t *seen;              /* overlay: by prop, whether it was visited; NULL: use the given bits */
    bool bare;                   /* an overlay, or inside the wrap: tag, id and wrap are not members */
    bool wrapped;
    bool needs_id;
    bool supposed; /* the text has no tag: the class is the default one */
    VtMark place;  /* then, of the object */
    VtPendings pending;
} Creation;

/* Not a compound literal: VtPendings.few stays uninitialized. */
static void
creation_init(Creation *cr, VtVisit *v, const VtClassInfo *root, const char *tag, const char *id, const char *wrap)
{
    cr->v = v;
    cr->root = root;
    cr->tag = tag;
    cr->id = id;
    cr->wrap = wrap;
    cr->config = NULL;
    cr->seen = NULL;
    cr->bare = cr->wrapped = cr->needs_id = cr->supposed = false;
    cr->pending.n = cr->pending.room = 0;
    cr->pending.v = NULL;
}

static const VtProp *
find_prop(const VtClassInfo *info, const char *name, size_t len)
{
    const VtProp *prop = vt_class_prop(info, name, len);

    return prop && !prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) ? prop : NULL;
}

static bool
declared(const void *opaque, const char *name, size_t len)
{
    const Creation *cr = opaque;

    if (!cr->bare &&
        (vt_key_is(cr->tag, name, len) || vt_key_is(cr->id, name, len) || vt_key_is(cr->wrap, name, len))) {
        return true;
    }
    return cr->config && find_prop(cr->config->info, name, len);
}

/* Whether the key is no member of any class that the tag can name. */
static bool
is_unknown_anywhere(const Creation *cr, const char *key)
{
    const VtSchema *schema = cr->v->schema;
    const VtLayer *layer;

    for (const VtClass *row = vt_schema_class_from(schema, 0, &layer); row;
         row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        const VtClassInfo *info = row->root == cr->root->row->id ? vt_schema_class_by_id(schema, row->id) : NULL;

        if (info && (find_prop(info, key, strlen(key)) || find_prop(info, key, strcspn(key, ".")))) {
            return false;
        }
    }
    return strcmp(key, cr->id) != 0 && strcmp(key, cr->wrap) != 0;
}

static bool
report_key(Creation *cr, const char *key)
{
    const VtSchema *schema = cr->v->schema;
    g_autoptr(GArray) names = vt_names_new();
    const VtLayer *layer;

    vt_names_add(names, cr->tag);
    vt_names_add(names, cr->id);
    for (const VtClass *row = vt_schema_class_from(schema, 0, &layer); row;
         row = vt_schema_class_from(schema, row->id + 1, &layer)) {
        const VtClassInfo *info = row->root == cr->root->row->id ? vt_schema_class_by_id(schema, row->id) : NULL;

        for (size_t i = 0; info && i < info->n_props; i++) {
            vt_names_add(names, info->props[i].name);
        }
    }
    vt_visit_fail_unknown(cr->v, "unknown member", key, strlen(key), vt_names_list(names));
    return true;
}

/* Reports a key that no class has, which may be the misspelt tag. Returns false if there is none. */
static bool
report_unknown(Creation *cr, const VtMark *place)
{
    VtCursor *c = cr->v->c;
    uint32_t start = place->prefix ? place->prefix + 1 : 0, hi = place->hi;

    for (size_t i = 0; i < cr->pending.n; i++) {
        g_autofree char *key = g_strndup(cr->pending.v[i].key.s, cr->pending.v[i].key.len);

        if (is_unknown_anywhere(cr, key)) {
            c->scan.at = cr->pending.v[i].key_at;
            return report_key(cr, key);
        }
    }
    for (uint32_t i = place->lo; c->kind == VT_CURSOR_KEYVAL && i < hi; i++) {
        const char *key = c->keyval->settings[i].key + start;

        if (is_unknown_anywhere(cr, key)) {
            c->here.lo = i;
            return report_key(cr, key);
        }
    }
    return false;
}

static bool
fail_unknown_member(Creation *cr, const VtText *key)
{
    const VtClassInfo *info = cr->config->info;
    g_autoptr(GArray) names = vt_names_new();

    if (cr->supposed && report_unknown(cr, &cr->place)) {
        return false;
    }
    for (size_t i = 0; i < info->n_props; i++) {
        if (find_prop(info, info->props[i].name, strlen(info->props[i].name))) {
            vt_names_add(names, info->props[i].name);
        }
    }
    if (!cr->bare) {
        vt_names_add(names, cr->id);
        vt_names_add(names, cr->tag);
    }
    return vt_visit_fail_unknown(cr->v, "unknown member", key->s, key->len, vt_names_list(names));
}

/* Decodes into separate memory, so that the old value survives a failure. */
static bool
visit_apart(VtVisit *v, const VtProp *prop, void *field)
{
    const VtRow *row = prop->row;
    size_t size = row->flags & VT_ROW_LIST    ? sizeof(VtList)
                  : row->flags & VT_ROW_BOXED ? sizeof(void *)
                                              : vt_row_size(v->schema, prop->layer, row);
    g_autofree void *fresh = g_malloc0(size);

    if (!vt_visit_field(v, prop->layer, row, fresh)) {
        vt_field_clear(v->schema, prop->layer, row, fresh);
        return false;
    }
    vt_visit_merge(v->schema, row, fresh, field);
    vt_field_clear(v->schema, prop->layer, row, field);
    memcpy(field, fresh, size);
    return true;
}

static bool
visit_prop(Creation *cr, const VtProp *prop)
{
    VtVisit *v = cr->v;
    const VtRow *row = prop->row;
    uint64_t *given = vt_given_word(cr->config->data, prop->words, row->bit), mask = UINT64_C(1) << (row->bit % 64);
    uint64_t *present = given + prop->n_words;
    void *field = vt_config_field(cr->config, prop);
    size_t index = (size_t)(prop - cr->config->info->props);
    bool ok;

    v->prop = prop;
    if (cr->seen ? cr->seen[index / 64] >> (index % 64) & 1 : *given & mask) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", prop->name);
    }
    if ((row->flags & VT_ROW_TARGETED || prop->cold->features) &&
        !vt_visit_check_row(v, prop->layer, row, prop->name)) {
        return false;
    }
    if (cr->seen) {
        cr->seen[index / 64] |= UINT64_C(1) << (index % 64);
        ok = vt_cursor_colon(v->c) && visit_apart(v, prop, field);
    } else {
        /* If the image has no pointers, the field owns no memory. */
        if (*present & mask && cr->config->image->n_pointers && (vt_kind_owns(row->kind) || row->flags & VT_ROW_LIST)) {
            vt_field_clear(v->schema, prop->layer, row, field);
        }
        ok = vt_cursor_colon(v->c) && vt_visit_field(v, prop->layer, row, field);
    }
    if (G_UNLIKELY(!ok)) {
        vt_cursor_path_name(v->c, prop->name, strlen(prop->name));
        return false;
    }
    *given |= mask;
    *present |= mask;
    v->prop = NULL;
    return true;
}

/* ---- tag and id -------------------------------------------------------------------------------------- */

static bool revisit(Creation *cr);

static bool
take_class(Creation *cr, const VtClassInfo *info)
{
    if (!cr->v->info) {
        cr->v->info = info;
    }
    cr->config = vt_config_new_at(cr->v->ctx, info, cr->v->c->where, cr->v->c->where_len);
    return !cr->pending.n || revisit(cr);
}

/* Without a tag, uses VtClass.otherwise of the root class. */
static bool
take_otherwise(Creation *cr)
{
    const VtClass *root = cr->root->row;
    const char *tag = root->within ? "" : vt_str(cr->root->layer, root->otherwise);
    const VtText text = {.s = tag, .len = strlen(tag)};
    const VtClassInfo *info;

    if (!*tag) {
        return !report_unknown(cr, &cr->v->c->here) && vt_cursor_fail_missing(cr->v->c, cr->tag);
    }
    cr->supposed = true;
    cr->place = cr->v->c->here;
    info = vt_visit_find_class(cr->v, cr->root, &text);
    return info && take_class(cr, info);
}

static bool
visit_tag(Creation *cr)
{
    VtVisit *v = cr->v;
    const VtClassInfo *info = NULL;
    VtText text;

    if (cr->config) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", cr->tag);
    }
    if (vt_cursor_colon(v->c) && vt_visit_text(v, &text)) {
        info = vt_visit_find_class(v, cr->root, &text);
        vt_text_clear(&text);
    }
    if (!info) {
        vt_cursor_path_name(v->c, cr->tag, strlen(cr->tag));
        return false;
    }
    return take_class(cr, info);
}

static bool
check_id(VtVisit *v, const VtText *id)
{
    return vt_id_is_well_formed(id->s, id->len) ||
           vt_cursor_fail(v->c, "'%.*s' is not an identifier; expected a letter, then letters, digits, '-', '.', '_'",
                          (int)MIN(id->len, ID_SHOWN), id->s);
}

bool
vt_visit_id(VtVisit *v, const char *name, bool repeated, VtText *ret_id)
{
    if (repeated) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", name);
    }
    if (vt_cursor_colon(v->c) && vt_visit_text(v, ret_id)) {
        if (check_id(v, ret_id)) {
            return true;
        }
        vt_text_clear(ret_id);
    }
    vt_cursor_path_name(v->c, name, strlen(name));
    return false;
}

static bool
visit_id(Creation *cr)
{
    VtText id;

    if (!vt_visit_id(cr->v, cr->id, cr->config->id, &id)) {
        return false;
    }
    vt_config_set_id(cr->config, id.s, id.len);
    vt_text_clear(&id);
    return true;
}

void
vt_visit_place(VtCursor *c, const char *at, VtConfig *config)
{
    char *where = vt_cursor_position(c, at);

    if (where) {
        vt_config_set_where(config, where);
    }
}

/* ---- whole creations ------------------------------------------------------------------------------------ */

static bool visit_members(Creation *cr);

static bool
visit_wrap(Creation *cr)
{
    VtVisit *v = cr->v;
    Creation inside;
    VtToken token;
    bool ok = false;

    if (cr->wrapped) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", cr->wrap);
    }
    cr->wrapped = true;
    creation_init(&inside, v, cr->root, "", "", "");
    inside.config = cr->config;
    inside.bare = true;
    if (vt_cursor_colon(v->c)) {
        token = vt_cursor_token(v->c);
        ok = token == VT_TOKEN_OBJECT || token == VT_TOKEN_GROUP ? visit_members(&inside)
                                                                 : vt_cursor_fail_type(v->c, "an object");
    }
    if (!ok) {
        vt_cursor_path_name(v->c, cr->wrap, strlen(cr->wrap));
    }
    return ok;
}

/* Visits a member after its key was taken. The class is known. */
static bool
visit_known(Creation *cr, const VtText *key)
{
    const VtProp *prop;

    if (!cr->bare && vt_key_is(cr->tag, key->s, key->len)) {
        /* For other cursors, find_tag() has visited the tag. */
        return cr->v->c->kind != VT_CURSOR_TEXT || visit_tag(cr);
    }
    if (!cr->bare && vt_key_is(cr->id, key->s, key->len)) {
        return visit_id(cr);
    }
    if (!cr->bare && vt_key_is(cr->wrap, key->s, key->len)) {
        return visit_wrap(cr);
    }
    prop = find_prop(cr->config->info, key->s, key->len);
    return prop ? visit_prop(cr, prop) : fail_unknown_member(cr, key);
}

static bool
revisit(Creation *cr)
{
    VtCursor *c = cr->v->c;
    VtMark here = vt_cursor_mark(c);

    for (size_t i = 0; i < cr->pending.n; i++) {
        VtPending *pending = &cr->pending.v[i];

        vt_pending_begin(cr->v, pending);
        if (!visit_known(cr, &pending->key) || !vt_pending_end(cr->v, pending)) {
            return false;
        }
    }
    vt_cursor_go(c, &here);
    return true;
}

static bool
visit_member(Creation *cr, VtMembers *members, size_t *next)
{
    VtCursor *c = cr->v->c;

    if (G_UNLIKELY(!cr->config)) {
        if (!vt_cursor_key(c, members)) {
            return false;
        }
        return vt_key_is(cr->tag, members->key.s, members->key.len)
                   ? visit_tag(cr)
                   : vt_pending_add(cr->v, &cr->pending, &members->key, c->scan.at);
    }
    if (*next < cr->config->info->n_props) {
        const VtProp *prop = &cr->config->info->props[*next];

        /* Skip a renamed member: row->len is the length of its original name. */
        if (!prop->hidden && !(prop->row->flags & VT_ROW_IF_OFF) &&
            prop->name == vt_str(prop->layer, prop->row->name) &&
            vt_cursor_predicted(c, members, prop->name, prop->row->len)) {
            ++*next;
            return visit_prop(cr, vt_prop_member(cr->config->info, prop));
        }
    }
    return vt_cursor_key(c, members) && visit_known(cr, &members->key);
}

/* Visits the members of the object at the cursor. */
static bool
visit_members(Creation *cr)
{
    VtCursor *c = cr->v->c;
    VtMembers members;
    VtMore more = VT_MORE_ERROR;
    size_t next = 0;
    bool ok = true;

    if (!vt_cursor_open(c, &members, false)) {
        return false;
    }
    while (ok && (more = vt_cursor_more(c, &members, declared, cr)) == VT_MORE_YES) {
        ok = visit_member(cr, &members, &next);
    }
    vt_text_clear(&members.key);
    return ok && more == VT_MORE_END;
}

static bool
find_tag(Creation *cr)
{
    VtCursor *c = cr->v->c;
    VtMark here = c->here;
    bool ok;

    ok = vt_cursor_find(c, cr->tag, strlen(cr->tag)) ? visit_tag(cr) : take_otherwise(cr);
    c->here = here;
    return ok;
}

static bool
check_complete(Creation *cr)
{
    VtCursor *c = cr->v->c;
    const VtClassInfo *info;
    const VtClassPrivate *class;

    if (cr->needs_id && !cr->config->id) {
        return vt_cursor_fail_missing(c, cr->id);
    }
    info = cr->config->info;
    class = vt_class_private(info);
    for (size_t i = 0; i < class->n_required; i++) {
        const VtProp *prop = &info->props[class->required[i]];

        if (!vt_config_present(cr->config, prop) && vt_visit_has_target(cr->v, prop->cold)) {
            return vt_cursor_fail_missing(c, prop->name);
        }
    }
    return true;
}

VtConfig *
vt_visit_leaf(VtVisit *v, const VtClassInfo *root, const char *tag, const char *id, bool needs_id)
{
    VtCursor *c = v->c;
    Creation cr;
    VtToken token = vt_cursor_token(c);
    const char *open = c->scan.at;
    bool ok;

    if (token != VT_TOKEN_OBJECT && token != VT_TOKEN_GROUP) {
        vt_cursor_fail_type(c, "an object");
        return NULL;
    }
    creation_init(&cr, v, root, tag, id, vt_str(root->layer, root->row->wrap));
    cr.needs_id = needs_id;
    ok = (c->kind == VT_CURSOR_TEXT || find_tag(&cr)) && visit_members(&cr);
    if (ok) {
        c->scan.at = open;
        ok = (cr.config || take_otherwise(&cr)) && check_complete(&cr);
    }
    vt_pending_clear(&cr.pending);
    if (ok) {
        vt_visit_place(c, open, cr.config);
        return cr.config;
    }
    if (cr.config && !cr.supposed) {
        g_free(c->subject);
        c->subject = g_strdup(cr.config->info->tag);
    }
    vt_config_free(cr.config);
    return NULL;
}

bool
vt_visit_overlay(VtVisit *v, VtConfig *config)
{
    size_t n = config->info->n_props / 64 + 1;
    g_autofree uint64_t *seen = g_new0(uint64_t, n);
    VtToken token = vt_cursor_token(v->c);
    Creation cr;

    creation_init(&cr, v, config->info->root, "", "", "");
    cr.config = config;
    cr.seen = seen;
    cr.bare = true;
    if (token != VT_TOKEN_OBJECT && token != VT_TOKEN_GROUP) {
        return vt_cursor_fail_type(v->c, "an object");
    }
    if (visit_members(&cr)) {
        return true;
    }
    g_free(v->c->subject);
    /* There is one machine, whose name the user may not have given. */
    v->c->subject = vt_class_is_machine(v->root) ? NULL : g_strdup(config->model ? config->model : config->info->tag);
    return false;
}
