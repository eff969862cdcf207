/* SPDX-License-Identifier: MIT */
/*
 * Visits of flat unions and alternates.
 *
 * The members of a union are those of its base and of the branch that the tag selects. In JSON text, members of the
 * branch may precede the tag; they are skipped, and visited when the tag is known. Other cursors find the tag first.
 */
#include "visit/visit-private.h"
#include "vt-runtime/names.h"

#define LEVELS_MAX 8 /* a branch may be a union itself */

typedef struct Level {
    const VtLayer *layer;
    const VtType *type;
    char *data;
} Level;

typedef struct UnionVisit {
    VtVisit *v;
    Level levels[LEVELS_MAX];
    unsigned n_levels;
    const VtRow *tag; /* of the innermost level; NULL: it is no union, or its branch is known */
    VtPendings pending;
} UnionVisit;

static const VtRow *
tag_row(const VtLayer *layer, const VtType *type)
{
    for (unsigned i = 0; i < type->count; i++) {
        if (layer->rows[type->first + i].flags & VT_ROW_TAG) {
            return &layer->rows[type->first + i];
        }
    }
    return NULL;
}

static bool
push(UnionVisit *u, uint16_t type_id, char *data)
{
    Level *level = &u->levels[u->n_levels];
    VtVisit *v = u->v;

    if (u->n_levels == LEVELS_MAX) {
        return vt_cursor_fail(v->c, "nested deeper than %d", LEVELS_MAX);
    }
    *level = (Level){vt_schema_type_layer(v->schema, type_id), vt_schema_type(v->schema, type_id), data};
    vt_struct_init(v->schema, v->ctx, type_id, data);
    u->tag = level->type->kind == VT_TYPE_UNION ? tag_row(level->layer, level->type) : NULL;
    u->n_levels++;
    return true;
}

static const Level *
find(const UnionVisit *u, const char *name, size_t len, const VtRow **ret_row)
{
    for (unsigned i = 0; i < u->n_levels; i++) {
        *ret_row = vt_type_find(u->levels[i].layer, u->levels[i].type, name, len);
        if (*ret_row) {
            return &u->levels[i];
        }
    }
    return NULL;
}

static bool
in_union(const void *opaque, const char *name, size_t len)
{
    const VtRow *row;

    return find(opaque, name, len, &row);
}

static bool
fail_unknown(UnionVisit *u, const VtText *key)
{
    g_autoptr(GArray) names = vt_names_new();

    for (unsigned i = 0; i < u->n_levels; i++) {
        for (unsigned j = 0; j < u->levels[i].type->count; j++) {
            const VtRow *row = &u->levels[i].layer->rows[u->levels[i].type->first + j];

            if (!(row->flags & VT_ROW_IF_OFF)) {
                vt_names_add(names, vt_str(u->levels[i].layer, row->name));
            }
        }
    }
    return vt_visit_fail_unknown(u->v, "unknown member", key->s, key->len, vt_names_list(names));
}

static bool chosen(UnionVisit *u);

static bool
visit_union_member(UnionVisit *u, const Level *level, const VtRow *row)
{
    if (!vt_visit_row(u->v, level->layer, level->type, row, level->data)) {
        return false;
    }
    return row != u->tag || chosen(u);
}

/* Visits the skipped members that are known now. */
static bool
revisit_union(UnionVisit *u)
{
    VtCursor *c = u->v->c;

    for (size_t i = 0; i < u->pending.n; i++) {
        VtPending *pending = &u->pending.v[i];
        VtMark here = vt_cursor_mark(c);
        const VtRow *row;
        const Level *level;

        if (pending->done) {
            continue;
        }
        level = find(u, pending->key.s, pending->key.len, &row);
        if (level) {
            vt_pending_begin(u->v, pending);
            if (!visit_union_member(u, level, row) || !vt_pending_end(u->v, pending)) {
                return false;
            }
            vt_cursor_go(c, &here);
        } else if (!u->tag) {
            c->scan.at = pending->key_at;
            return fail_unknown(u, &pending->key);
        }
    }
    return true;
}

/* Called when the tag of the innermost level has a value: adds its branch as a level. */
static bool
chosen(UnionVisit *u)
{
    const Level *level = &u->levels[u->n_levels - 1];
    uint32_t value = *(uint32_t *)(level->data + u->tag->offset);

    u->tag = NULL;
    for (unsigned i = 0; i < level->type->n_branches; i++) {
        const VtBranch *branch = &level->layer->branches[level->type->first_branch + i];

        if (branch->value == value && branch->type) {
            if (!push(u, branch->type, level->data + level->type->union_offset)) {
                return false;
            }
            break;
        }
    }
    return revisit_union(u);
}

static bool
choose_default(UnionVisit *u)
{
    while (u->tag) {
        const Level *level = &u->levels[u->n_levels - 1];
        const VtRow *tag = u->tag;

        if (!vt_is_present(level->data, level->type->words_offset, level->type->words, tag->bit)) {
            return vt_cursor_fail_missing(u->v->c, vt_str(level->layer, tag->name));
        }
        if (!chosen(u)) {
            return false;
        }
    }
    return true;
}

/* Key=value text and trees: visits the tags in any position. */
static bool
find_tags(UnionVisit *u)
{
    VtCursor *c = u->v->c;
    VtMark here = c->here;

    while (u->tag) {
        const Level *level = &u->levels[u->n_levels - 1];
        const VtRow *tag = u->tag;

        if (!vt_cursor_find(c, vt_str(level->layer, tag->name), tag->len)) {
            break;
        }
        if (!visit_union_member(u, level, tag)) {
            return false;
        }
        c->here = here;
    }
    return choose_default(u);
}

static bool
visit_union_members(UnionVisit *u)
{
    VtCursor *c = u->v->c;
    VtMembers members;
    VtMore more;
    bool ok = true;

    if (!vt_cursor_open(c, &members, false)) {
        return false;
    }
    while (ok && (more = vt_cursor_more(c, &members, in_union, u)) == VT_MORE_YES) {
        const Level *level;
        const VtRow *row;

        ok = vt_cursor_key(c, &members);
        if (!ok) {
            break;
        }
        level = find(u, members.key.s, members.key.len, &row);
        if (level && c->kind != VT_CURSOR_TEXT && row->flags & VT_ROW_TAG) {
            continue; /* visited by find_tags() */
        } else if (level) {
            ok = visit_union_member(u, level, row);
        } else if (u->tag) {
            ok = vt_pending_add(u->v, &u->pending, &members.key, c->scan.at);
        } else {
            ok = fail_unknown(u, &members.key);
        }
    }
    vt_text_clear(&members.key);
    return ok && more == VT_MORE_END;
}

bool
vt_visit_union(VtVisit *v, uint16_t type_id, void *data)
{
    UnionVisit u = {.v = v};
    VtToken token = vt_cursor_token(v->c);
    const char *open = v->c->scan.at;
    bool ok;

    if (token != VT_TOKEN_OBJECT && token != VT_TOKEN_GROUP) {
        return vt_cursor_fail_type(v->c, "an object");
    }
    ok = push(&u, type_id, data) && (v->c->kind == VT_CURSOR_TEXT || find_tags(&u)) && visit_union_members(&u);
    if (ok) {
        v->c->scan.at = open;
        ok = choose_default(&u);
    }
    for (unsigned i = 0; i < u.n_levels && ok; i++) {
        v->c->scan.at = open;
        ok = vt_visit_required(v, u.levels[i].layer, u.levels[i].type, u.levels[i].data);
    }
    vt_pending_clear(&u.pending);
    return ok;
}

/* ---- alternates -------------------------------------------------------------------------------------- */

/* Returns how well a token or word matches a branch; 0: not at all. The best match wins. */
static unsigned
fit(VtVisit *v, const VtRow *row, VtToken token, const VtText *word)
{
    bool is_word = token == VT_TOKEN_WORD, is_string = token == VT_TOKEN_STRING;
    VtInteger integer;

    if (row->flags & VT_ROW_IF_OFF) {
        return 0;
    }
    if (row->flags & VT_ROW_LIST) {
        return token == VT_TOKEN_LIST ? 1 : 0;
    }
    switch ((VtKind)row->kind) {
    case VT_KIND_ENUM:
        /* If no branch accepts the word, the enum reports it and lists its values. */
        return is_word || is_string ? vt_enum_has(v->schema, row->type, word) ? 6 : 1 : 0;
    case VT_KIND_BOOL:
        return token == VT_TOKEN_BOOL || (is_word && vt_word_bool(word->s) >= 0) ? 5 : 0;
    case VT_KIND_NULL:
        return token == VT_TOKEN_NULL || (is_word && !word->len) ? 5 : 0;
    case VT_KIND_NUMBER:
        return token == VT_TOKEN_NUMBER ? 3 : is_word && g_ascii_isdigit(word->s[*word->s == '-']) ? 3 : 0;
    case VT_KIND_STR:
    case VT_KIND_REF:
        return is_word || is_string                                                                ? 2
               : row->kind == VT_KIND_REF && (token == VT_TOKEN_OBJECT || token == VT_TOKEN_GROUP) ? 1
                                                                                                   : 0;
    case VT_KIND_SCALAR:
        return token == VT_TOKEN_NUMBER || is_word || is_string ? 3 : 0;
    case VT_KIND_STRUCT:
    case VT_KIND_UNION:
        return token == VT_TOKEN_OBJECT || token == VT_TOKEN_GROUP ? 5 : 0;
    case VT_KIND_ANY:
        return 1;
    case VT_KIND_ALTERNATE:
    case VT_KIND_NONE:
    case VT_KIND_LIST:
        return 0;
    default:
        return token == VT_TOKEN_NUMBER ? 4 : is_word && vt_integer_parse(word->s, &integer) ? 4 : 0;
    }
}

static bool
fail_alternate(VtVisit *v, const VtLayer *layer, const VtType *type)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        g_string_append_printf(names, "%s%s", !i ? "" : i + 1 < type->count ? ", " : " or ", vt_str(layer, row->name));
    }
    return vt_cursor_fail_type(v->c, names->str);
}

bool
vt_visit_alternate(VtVisit *v, uint16_t type_id, void *data)
{
    const VtLayer *layer = vt_schema_type_layer(v->schema, type_id);
    const VtType *type = vt_schema_type(v->schema, type_id);
    VtToken token = vt_cursor_token(v->c);
    VtMark mark = vt_cursor_mark(v->c);
    unsigned best = 0, index = 0;
    const VtRow *row;
    VtText word = {0};

    if (token == VT_TOKEN_BAD) {
        return vt_cursor_fail_type(v->c, "a value");
    }
    if (token == VT_TOKEN_WORD || token == VT_TOKEN_STRING) {
        if (!vt_cursor_string(v->c, &word)) {
            return false;
        }
        vt_cursor_go(v->c, &mark);
    }
    for (unsigned i = 0; i < type->count; i++) {
        unsigned n = fit(v, &layer->rows[type->first + i], token, &word);

        if (n > best) {
            best = n;
            index = i;
        }
    }
    vt_text_clear(&word);
    if (!best) {
        return fail_alternate(v, layer, type);
    }
    row = &layer->rows[type->first + index];
    *(uint32_t *)data = index;
    return vt_visit_field(v, layer, row, (char *)data + type->union_offset);
}
