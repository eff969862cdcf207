/* SPDX-License-Identifier: MIT */
/*
 * The cursor of a json-c tree.
 *
 * The tree may come from any source; only its types are known to be valid.
 */
#include <json-c/json.h>
#include <json-c/linkhash.h>

#include "text/cursor.h"
#include "vt-runtime/json.h"

VtToken
vt_tree_token(VtCursor *c)
{
    switch (json_object_get_type(c->here.tree)) {
    case json_type_object:
        return VT_TOKEN_OBJECT;
    case json_type_array:
        return VT_TOKEN_LIST;
    case json_type_string:
        return VT_TOKEN_STRING;
    case json_type_int:
    case json_type_double:
        return VT_TOKEN_NUMBER;
    case json_type_boolean:
        return VT_TOKEN_BOOL;
    case json_type_null:
        break;
    }
    return VT_TOKEN_NULL;
}

bool
vt_tree_open(VtCursor *c, VtMembers *members)
{
    members->entry = members->list ? NULL : lh_table_head(json_object_get_object(c->here.tree));
    members->index = 0;
    return true;
}

VtMore
vt_tree_more(VtCursor *c, VtMembers *members)
{
    json_object *object = members->place.tree;
    const struct lh_entry *entry = members->entry;

    if (members->list) {
        if (members->index >= json_object_array_length(object)) {
            return VT_MORE_END;
        }
        c->here.tree = json_object_array_get_idx(object, members->index++);
        return VT_MORE_YES;
    }
    if (!entry) {
        return VT_MORE_END;
    }
    c->here.tree = (json_object *)lh_entry_v(entry);
    members->key = (VtText){.s = lh_entry_k(entry), .len = strlen(lh_entry_k(entry))};
    members->entry = lh_entry_next(entry);
    return VT_MORE_YES;
}

bool
vt_tree_find(VtCursor *c, const char *name, size_t len)
{
    g_autofree char *key = g_strndup(name, len);
    json_object *value;

    if (!json_object_object_get_ex(c->here.tree, key, &value)) {
        return false;
    }
    c->here.tree = value;
    return true;
}

VtText
vt_tree_string(const VtCursor *c)
{
    return (VtText){
        .s = json_object_get_string(c->here.tree),
        .len = (size_t)json_object_get_string_len(c->here.tree),
    };
}

bool
vt_tree_number(const VtCursor *c, VtInteger *ret_integer, double *ret_double)
{
    int64_t value;

    if (json_object_get_type(c->here.tree) == json_type_double) {
        *ret_double = json_object_get_double(c->here.tree);
        return false;
    }
    /* json_object_get_int64() clamps a value above INT64_MAX; json_object_get_uint64() returns it. */
    value = json_object_get_int64(c->here.tree);
    *ret_integer = (VtInteger){
        .negative = value < 0,
        .magnitude = value < 0 ? -(uint64_t)value : json_object_get_uint64(c->here.tree),
    };
    return true;
}

bool
vt_tree_boolean(const VtCursor *c)
{
    return json_object_get_boolean(c->here.tree);
}

char *
vt_tree_describe(json_object *tree)
{
    switch (json_object_get_type(tree)) {
    case json_type_object:
        return g_strdup("an object");
    case json_type_array:
        return g_strdup("a list");
    default:
        return vt_json_text(tree);
    }
}
