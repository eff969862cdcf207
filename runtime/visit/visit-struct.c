/* SPDX-License-Identifier: MIT */
/*
 * Visits of structs, lists and references.
 */
#include "schema/row-private.h"
#include "text/room.h"
#include "visit/visit-private.h"
#include "vt-runtime/names.h"

#define LIST_BYTES_MAX ((size_t)256 << 20)
#define INTEGERS_MAX   65536
#define ELEMENT_BYTES  64 /* of an element's own members, about */

/* ---- structs ----------------------------------------------------------------------------------------- */

typedef struct Table {
    const VtLayer *layer;
    const VtType *type;
} Table;

static bool
in_struct(const void *opaque, const char *name, size_t len)
{
    const Table *table = opaque;

    return vt_type_find(table->layer, table->type, name, len);
}

bool
vt_visit_fail_member(VtVisit *v, const VtLayer *layer, const VtType *type, const VtText *key)
{
    g_autoptr(GArray) names = vt_names_new();

    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (!(row->flags & VT_ROW_IF_OFF)) {
            vt_names_add(names, vt_str(layer, row->name));
        }
    }
    return vt_visit_fail_unknown(v, "unknown member", key->s, key->len, vt_names_list(names));
}

bool
vt_visit_row(VtVisit *v, const VtLayer *layer, const VtType *type, const VtRow *row, char *data)
{
    uint64_t *given = vt_given_word(data, type->words_offset, row->bit), mask = UINT64_C(1) << (row->bit % 64);
    uint64_t *present = given + type->words;
    const char *name = vt_str(layer, row->name);
    char *field = data + row->offset;
    const VtLayer *outer_layer = v->layer;
    const VtRow *outer = v->row;

    v->layer = layer;
    v->row = row;
    if (G_UNLIKELY(*given & mask)) {
        return vt_cursor_fail_plain(v->c, "repeated member '%s'", name);
    }
    if (G_UNLIKELY((row->flags & VT_ROW_TARGETED) || layer->colds[row->cold].features & VT_FEATURES_NO_INPUT) &&
        !vt_visit_check_row(v, layer, row, name)) {
        return false;
    }
    if (G_UNLIKELY(*present & mask) && (vt_kind_owns(row->kind) || row->flags & VT_ROW_LIST)) {
        vt_field_clear(v->schema, layer, row, field);
    }
    *given |= mask;
    *present |= mask;
    if (G_UNLIKELY(!vt_cursor_colon(v->c) || !vt_visit_field(v, layer, row, field))) {
        vt_cursor_path_name(v->c, name, row->len);
        return false;
    }
    v->layer = outer_layer;
    v->row = outer;
    return true;
}

bool
vt_visit_required(VtVisit *v, const VtLayer *layer, const VtType *type, const char *data)
{
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (G_UNLIKELY(row->flags & VT_ROW_REQUIRED) && !(row->flags & VT_ROW_IF_OFF) &&
            vt_visit_has_target(v, &layer->colds[row->cold]) &&
            !vt_is_present(data, type->words_offset, type->words, row->bit)) {
            return vt_cursor_fail_missing(v->c, vt_str(layer, row->name));
        }
    }
    return true;
}

/* Key=value text and trees. */
static bool
visit_struct_members(VtVisit *v, const Table *table, char *data)
{
    VtCursor *c = v->c;
    VtMembers members;
    VtMore more;

    if (!vt_cursor_open(c, &members, false)) {
        return false;
    }
    while ((more = vt_cursor_more(c, &members, in_struct, table)) == VT_MORE_YES) {
        const VtRow *row = vt_type_find(table->layer, table->type, members.key.s, members.key.len);

        if (!row) {
            return vt_visit_fail_member(v, table->layer, table->type, &members.key);
        }
        if (!vt_visit_row(v, table->layer, table->type, row, data)) {
            return false;
        }
    }
    return more == VT_MORE_END;
}

/* Returns the only member of a struct whose only member is a required string, or NULL. Key=value text may give the
 * struct as that string: "hostfwd=RULE". */
static const VtRow *
only_text(const VtSchema *schema, const Table *table)
{
    const VtRow *row = &table->layer->rows[table->type->first];
    bool one = table->type->count == 1 && vt_row_integer_kind(schema, row) == VT_KIND_STR;

    return one && row->flags & VT_ROW_REQUIRED && !(row->flags & (VT_ROW_LIST | VT_ROW_IF_OFF)) ? row : NULL;
}

bool
vt_visit_struct(VtVisit *v, uint16_t type_id, void *data)
{
    VtCursor *c = v->c;
    Table table = {vt_schema_type_layer(v->schema, type_id), vt_schema_type(v->schema, type_id)};
    VtToken token = vt_cursor_token(c);
    const char *open = c->scan.at;

    if (G_UNLIKELY(token != VT_TOKEN_OBJECT && token != VT_TOKEN_GROUP)) {
        const VtRow *text = token == VT_TOKEN_WORD ? only_text(v->schema, &table) : NULL;

        if (!text) {
            return vt_cursor_fail_type(c, "an object");
        }
        vt_struct_init(v->schema, v->ctx, type_id, data);
        return vt_visit_row(v, table.layer, table.type, text, data);
    }
    vt_struct_init(v->schema, v->ctx, type_id, data);
    if (G_UNLIKELY(!(c->kind == VT_CURSOR_TEXT ? vt_visit_struct_text(v, table.layer, table.type, data)
                                               : visit_struct_members(v, &table, data)))) {
        return false;
    }
    c->scan.at = open;
    return G_LIKELY(!(vt_type_facts(v->schema, type_id) & VT_TYPE_REQUIRES)) ||
           vt_visit_required(v, table.layer, table.type, data);
}

/* ---- lists ------------------------------------------------------------------------------------------- */

/* Parses a range: "3-5" in key=value text is three integers. If the value is not a range, *@ret_last equals
 * *@ret_first. */
static bool
find_range(VtVisit *v, const VtLayer *layer, const VtRow *row, uint64_t *ret_first, uint64_t *ret_last)
{
    VtCursor *c = v->c;
    const VtRange *kind, *range;
    VtInteger first, last;
    const char *dash;
    g_autofree char *left = NULL;
    VtText text;

    *ret_first = *ret_last = 0;
    if (c->kind != VT_CURSOR_KEYVAL || row->kind < VT_KIND_INT8 || row->kind > VT_KIND_UINT64 ||
        vt_cursor_token(c) != VT_TOKEN_WORD || !vt_cursor_string(c, &text)) {
        return true;
    }
    dash = memchr(text.s, '-', text.len);
    if (!dash || dash == text.s) {
        return true;
    }
    kind = &vt_kind_ranges[row->kind];
    range = layer->colds[row->cold].range ? &layer->ranges[layer->colds[row->cold].range] : kind;
    left = g_strndup(text.s, dash - text.s);
    if (!vt_integer_parse(left, &first) || !vt_integer_parse(dash + 1, &last)) {
        return true;
    }
    if (!vt_integer_in_range(&first, kind) || !vt_integer_in_range(&last, kind) ||
        !vt_integer_in_range(&first, range) || !vt_integer_in_range(&last, range)) {
        return vt_cursor_fail(c, "'%s' goes beyond %" G_GUINT64_FORMAT, text.s, MIN(kind->max, range->max));
    }
    if (first.magnitude >= last.magnitude || last.magnitude - first.magnitude >= INTEGERS_MAX) {
        return vt_cursor_fail(c, "'%s' is not a range; expected FIRST-LAST with a difference from 1 to %d", text.s,
                              INTEGERS_MAX);
    }
    *ret_first = first.magnitude;
    *ret_last = last.magnitude;
    return true;
}

/* Also for the memory of the elements' own members. */
static bool
has_room(size_t n, size_t size)
{
    return n * size < VT_ROOM_SMALL || vt_room_has(n * (size + ELEMENT_BYTES));
}

static bool
visit_element(VtVisit *v, const VtLayer *layer, const VtRow *row, VtList *list, size_t size, size_t *room)
{
    uint64_t first, last;

    if (!find_range(v, layer, row, &first, &last)) {
        return false;
    }
    for (uint64_t value = first;; value++) {
        if (list->n == *room) {
            size_t grown = MAX(*room * 2, 4);
            void *larger;

            if (grown * size > LIST_BYTES_MAX) {
                return vt_cursor_fail(v->c, "a list of more than %zu elements", list->n);
            }
            larger = has_room(grown, size) ? g_try_realloc(list->v, grown * size) : NULL;
            if (!larger) {
                return vt_cursor_fail(v->c, "the host cannot allocate memory for a list of more than %zu elements",
                                      list->n);
            }
            list->v = larger;
            memset((char *)list->v + *room * size, 0, (grown - *room) * size);
            *room = grown;
        }
        /* Increment first, so that a failed element is cleared with the list. */
        list->n++;
        if (first == last) {
            return vt_visit_one(v, layer, row, (char *)list->v + (list->n - 1) * size);
        }
        vt_store_integer(row->kind, (char *)list->v + (list->n - 1) * size, value);
        if (value == last) {
            return true;
        }
    }
}

static bool
visit_list(VtVisit *v, const VtLayer *layer, const VtRow *row, VtList *list)
{
    VtCursor *c = v->c;
    size_t size = vt_row_size(v->schema, layer, row), room = 0;
    VtToken token = vt_cursor_token(c);
    VtMembers members;
    VtMore more;

    if (token != VT_TOKEN_LIST && token != VT_TOKEN_GROUP && token != VT_TOKEN_WORD) {
        return vt_cursor_fail_type(c, "a list");
    }
    if (!vt_cursor_open(c, &members, true)) {
        return false;
    }
    while ((more = vt_cursor_more(c, &members, NULL, NULL)) == VT_MORE_YES) {
        size_t index = list->n;

        if (!visit_element(v, layer, row, list, size, &room)) {
            vt_cursor_path_index(c, index);
            return false;
        }
    }
    return more == VT_MORE_END;
}

/* ---- references -------------------------------------------------------------------------------------- */

bool
vt_visit_ref(VtVisit *v, const VtLayer *layer, const VtRow *row, VtRef *ref)
{
    const VtCold *cold = &layer->colds[row->cold];
    const VtRefRow *rule = &layer->refs[cold->ref];
    VtToken token = vt_cursor_token(v->c);

    if (cold->ref && rule->flags & VT_REF_INLINE && (token == VT_TOKEN_OBJECT || token == VT_TOKEN_GROUP)) {
        const VtClassInfo *target = vt_schema_class(v->schema, vt_str(layer, rule->target));

        if (!v->ctx || !target) {
            return vt_cursor_fail(v->c, "expected the id of an object, got a definition");
        }
        ref->inline_config = vt_visit_creation(v, target->root, true);
        return ref->inline_config;
    }
    return vt_visit_str(v, &ref->id);
}

/* ---- strings ------------------------------------------------------------------------------------------ */

static bool
visit_text(VtVisit *v, const VtRow *row, char **field)
{
    if (!vt_visit_str(v, field)) {
        return false;
    }
    if ((row->flags & VT_ROW_NON_EMPTY) && !**field) {
        g_clear_pointer(field, g_free);
        return vt_cursor_fail(v->c, "expected a non-empty string, got ''");
    }
    return true;
}

/* ---- values ------------------------------------------------------------------------------------------- */

bool
vt_visit_one(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field)
{
    switch ((VtKind)row->kind) {
    case VT_KIND_INT8:
    case VT_KIND_INT16:
    case VT_KIND_INT32:
    case VT_KIND_INT64:
    case VT_KIND_UINT8:
    case VT_KIND_UINT16:
    case VT_KIND_UINT32:
    case VT_KIND_UINT64:
    case VT_KIND_SIZE:
        return vt_visit_integer(v, row->kind, layer, layer->colds[row->cold].range, NULL, NULL, field);
    case VT_KIND_BOOL:
        return vt_visit_bool(v, field);
    case VT_KIND_STR:
        return visit_text(v, row, field);
    case VT_KIND_ENUM:
        return vt_visit_enum(v, row->type, field);
    case VT_KIND_SCALAR:
        return vt_visit_scalar(v, &layer->colds[row->cold], layer, row->type, field);
    case VT_KIND_STRUCT:
        return vt_visit_struct(v, row->type, field);
    case VT_KIND_UNION:
        return vt_visit_union(v, row->type, field);
    case VT_KIND_ALTERNATE:
        return vt_visit_alternate(v, row->type, field);
    case VT_KIND_REF:
        return vt_visit_ref(v, layer, row, field);
    case VT_KIND_NUMBER:
        return vt_visit_number(v, field);
    case VT_KIND_NULL:
        return vt_visit_null(v, field);
    case VT_KIND_ANY:
        *(json_object **)field = vt_cursor_tree(v->c);
        return !v->c->scan.message;
    case VT_KIND_NONE:
    case VT_KIND_LIST:
        break;
    }
    g_assert_not_reached();
}

bool
vt_visit_field(VtVisit *v, const VtLayer *layer, const VtRow *row, void *field)
{
    if (G_UNLIKELY(row->flags & (VT_ROW_LIST | VT_ROW_BOXED))) {
        if (row->flags & VT_ROW_LIST) {
            return visit_list(v, layer, row, field);
        }
        *(void **)field = g_malloc0(vt_schema_type(v->schema, row->type)->size);
        return vt_visit_one(v, layer, row, *(void **)field);
    }
    return vt_visit_one(v, layer, row, field);
}
