/* SPDX-License-Identifier: MIT */
#include "text/cursor-read.h"

#include <json-c/json.h>

#define QUOTE_MAX 60 /* limit of user text in a message, in bytes */

void
vt_cursor_rewind(VtCursor *c)
{
    if (c->kind == VT_CURSOR_TEXT) {
        c->scan.p = c->scan.at = c->scan.start;
    }
    c->scan.depth = 0;
    c->here = (VtMark){.tree = c->root, .hi = c->keyval ? (uint32_t)c->keyval->n : 0};
}

bool
vt_cursor_begin(VtCursor *c, VtHides hides, const void *subject)
{
    vt_cursor_rewind(c);
    c->scan.hides = hides;
    c->scan.subject = subject;
    if (G_UNLIKELY((size_t)(c->scan.end - c->scan.start) > VT_SCAN_SIZE)) {
        return vt_cursor_fail(c, "exceeds the maximum of %u MiB", VT_SCAN_SIZE >> 20);
    }
    return true;
}

/* ---- key=value text and trees ------------------------------------------------------------------------ */

VtToken
vt_cursor_token_other(VtCursor *c)
{
    return c->kind == VT_CURSOR_KEYVAL ? vt_keyval_token(c) : vt_tree_token(c);
}

bool
vt_cursor_open_other(VtCursor *c, VtMembers *members, bool list)
{
    *members = (VtMembers){.list = list, .place = c->here};
    if (++c->scan.depth > VT_SCAN_DEPTH) {
        return vt_cursor_fail_plain(c, "nested deeper than %d", VT_SCAN_DEPTH);
    }
    members->index = c->here.lo;
    return c->kind == VT_CURSOR_KEYVAL || vt_tree_open(c, members);
}

VtMore
vt_cursor_more_other(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table)
{
    VtMore more = c->kind == VT_CURSOR_KEYVAL ? vt_keyval_more(c, members, declared, table) : vt_tree_more(c, members);

    if (more == VT_MORE_END) {
        c->here = members->place;
        c->scan.depth--;
    }
    return more;
}

bool
vt_cursor_string_other(VtCursor *c, VtText *ret_text)
{
    if (c->kind == VT_CURSOR_KEYVAL) {
        const VtSetting *setting = &c->keyval->settings[c->here.hi - 1];

        if (c->here.hi - c->here.lo > 1) {
            return vt_cursor_fail_plain(c, "given %u times; expected one value", c->here.hi - c->here.lo);
        }
        *ret_text = (VtText){.s = setting->value, .len = setting->value_len};
    } else {
        *ret_text = vt_tree_string(c);
        if (memchr(ret_text->s, '\0', ret_text->len)) {
            return vt_cursor_fail(c, "\\u0000 is not allowed in a string");
        }
    }
    return true;
}

bool
vt_cursor_find(VtCursor *c, const char *name, size_t len)
{
    VtMark *here = &c->here;
    uint32_t lo = here->lo, hi = here->hi, start = here->prefix ? here->prefix + 1 : 0;

    if (c->kind == VT_CURSOR_TREE) {
        return vt_tree_find(c, name, len);
    }
    if (!vt_keyval_narrow(c->keyval, &lo, &hi, start, name, len)) {
        return false;
    }
    *here = (VtMark){.lo = lo, .hi = hi, .prefix = start + (uint32_t)len};
    return true;
}

/* ---- whole values ------------------------------------------------------------------------------------ */

static bool
is_list(const VtCursor *c)
{
    uint32_t start = c->here.prefix ? c->here.prefix + 1 : 0;

    for (uint32_t i = c->here.lo; i < c->here.hi; i++) {
        const char *key = c->keyval->settings[i].key + start;

        if (!*key || strspn(key, "0123456789") != strcspn(key, ".")) {
            return false;
        }
    }
    return c->here.prefix && c->here.lo < c->here.hi;
}

static json_object *
keyval_tree(VtCursor *c)
{
    VtToken token = vt_keyval_token(c);
    VtMembers members;
    VtMore more = VT_MORE_ERROR;
    json_object *tree;
    bool list;

    if (token == VT_TOKEN_WORD) {
        const VtSetting *setting = &c->keyval->settings[c->here.hi - 1];

        return vt_wipe_json_string(setting->value, setting->value_len);
    }
    if (token == VT_TOKEN_BAD) {
        return NULL;
    }
    list = is_list(c);
    tree = list ? json_object_new_array() : json_object_new_object();
    if (vt_cursor_open(c, &members, list)) {
        while ((more = vt_cursor_more(c, &members, NULL, NULL)) == VT_MORE_YES) {
            size_t index = list ? json_object_array_length(tree) : 0;
            json_object *value = keyval_tree(c);

            if (list) {
                json_object_array_add(tree, value);
            } else {
                g_autofree char *key = g_strndup(members.key.s, members.key.len);

                json_object_object_add(tree, key, value);
            }
            if (c->scan.message) {
                if (list) {
                    vt_cursor_path_index(c, index);
                } else if (!vt_scan_hides(&c->scan)) {
                    vt_cursor_path_name(c, members.key.s, members.key.len);
                }
                more = VT_MORE_ERROR;
                break;
            }
        }
    }
    if (more == VT_MORE_ERROR) {
        json_object_put(tree);
        return NULL;
    }
    return tree;
}

json_object *
vt_cursor_tree(VtCursor *c)
{
    switch (c->kind) {
    case VT_CURSOR_TEXT:
        return vt_scan_tree(&c->scan);
    case VT_CURSOR_KEYVAL:
        return keyval_tree(c);
    case VT_CURSOR_TREE:
        break;
    }
    return json_object_get(c->here.tree);
}

/* ---- failures ---------------------------------------------------------------------------------------- */

static char *
quote(const char *text, size_t len)
{
    size_t n = len;

    if (len > QUOTE_MAX) {
        /* Do not cut inside a UTF-8 sequence. */
        for (n = QUOTE_MAX; n > 0 && ((uint8_t)text[n] & 0xC0) == 0x80; n--) {
        }
    }
    return g_strdup_printf("a string '%.*s'%s", (int)n, text, n < len ? "…" : "");
}

static char *
describe_text(VtCursor *c, VtToken token)
{
    VtScan scan = c->scan;
    VtText text;
    char *description = NULL;
    const char *end;
    bool integer;

    scan.message = NULL;
    switch (token) {
    case VT_TOKEN_OBJECT:
        return g_strdup("an object");
    case VT_TOKEN_LIST:
        return g_strdup("a list");
    case VT_TOKEN_STRING:
        if (vt_scan_string(&scan, &text)) {
            description = quote(text.s, text.len);
            vt_text_clear(&text);
        }
        break;
    case VT_TOKEN_NUMBER:
        if (vt_scan_number_span(&scan, &end, &integer)) {
            description = g_strndup(scan.p, (size_t)MIN(end - scan.p, QUOTE_MAX));
        }
        break;
    case VT_TOKEN_BOOL:
        description = vt_scan_word(&scan, *scan.p == 't' ? "true" : "false")
                          ? g_strdup(*c->scan.p == 't' ? "true" : "false")
                          : NULL;
        break;
    default:
        description = vt_scan_word(&scan, "null") ? g_strdup("null") : NULL;
        break;
    }
    if (scan.message && !c->scan.message) {
        /* Malformed JSON takes precedence over a wrong type. */
        c->scan.message = scan.message;
        c->scan.at = scan.at;
        c->scan.syntax = scan.syntax;
    } else {
        g_free(scan.message);
    }
    return description;
}

char *
vt_cursor_describe(VtCursor *c)
{
    VtToken token = vt_cursor_token(c);
    VtText text;

    if (token == VT_TOKEN_BAD) {
        return NULL;
    }
    if (c->kind == VT_CURSOR_TEXT) {
        return describe_text(c, token);
    }
    if (c->kind == VT_CURSOR_TREE && token != VT_TOKEN_STRING) {
        return vt_tree_describe(c->here.tree);
    }
    if (token == VT_TOKEN_GROUP) {
        return g_strdup("members");
    }
    return vt_cursor_string_other(c, &text) ? quote(text.s, text.len) : NULL;
}

bool(vt_cursor_fail_type)(VtCursor *c, const char *what)
{
    g_autofree char *description = vt_cursor_describe(c);

    if (description && vt_scan_hides(&c->scan)) {
        return vt_cursor_fail_plain(c, "expected %s, got something else", what);
    }
    if (!description) {
        return c->kind == VT_CURSOR_TEXT && !c->scan.message ? vt_scan_fail_expected(&c->scan, "a value") : false;
    }
    if (c->kind == VT_CURSOR_KEYVAL && g_str_has_prefix(description, "a string ")) {
        /* Omit "a string": all values of key=value text are strings. */
        return vt_cursor_fail(c, "expected %s, got %s", what, description + strlen("a string "));
    }
    return vt_cursor_fail(c, "expected %s, got %s", what, description);
}
