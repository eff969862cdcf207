/* SPDX-License-Identifier: MIT */
#include "cursor.h"

#include <json-c/json_object.h>

#include "vt-runtime/error.h"

#define QUOTE_MAX 60 /* bytes of a user's text in a message */

void
vt_cursor_rewind(VtCursor *c)
{
    if (c->kind == VT_CURSOR_TEXT) {
        c->scan.p = c->scan.at = c->scan.start;
    }
    c->scan.depth = 0;
    c->here = (VtMark){.tree = c->root, .hi = c->keyval ? (uint32_t)c->keyval->n : 0};
}

/* ---- other than text --------------------------------------------------------------------------------- */

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
        /* What is said last holds. */
        const VtSetting *setting = &c->keyval->settings[c->here.hi - 1];

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

json_object *
vt_cursor_tree(VtCursor *c)
{
    switch (c->kind) {
    case VT_CURSOR_TEXT:
        return vt_scan_tree(&c->scan);
    case VT_CURSOR_KEYVAL:
        return vt_keyval_tree(c);
    case VT_CURSOR_TREE:
        break;
    }
    return json_object_get(c->here.tree);
}

/* ---- failures ---------------------------------------------------------------------------------------- */

static void
prepend(VtCursor *c, const char *name, size_t len)
{
    if (!c->path) {
        c->path = g_string_new(NULL);
    } else if (c->path->len && c->path->str[0] != '[') {
        g_string_prepend_c(c->path, '.');
    }
    g_string_prepend_len(c->path, name, (gssize)len);
}

void
vt_cursor_path_name(VtCursor *c, const char *name, size_t len)
{
    prepend(c, name, MIN(len, VT_SCAN_KEY));
}

void
vt_cursor_path_index(VtCursor *c, size_t index)
{
    char text[32];

    prepend(c, text, (size_t)g_snprintf(text, sizeof text, "[%zu]", index));
}

static char *
quote(const char *text, size_t len)
{
    size_t n = len;

    if (len > QUOTE_MAX) {
        /* Not in the middle of a character. */
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
        /* It is not even JSON: that says more. */
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
        /* All of key=value text is strings. */
        return vt_cursor_fail(c, "expected %s, got %s", what, description + strlen("a string "));
    }
    return vt_cursor_fail(c, "expected %s, got %s", what, description);
}

static bool
is_file(const VtCursor *c)
{
    const char *p;

    if (c->first_line) {
        return true;
    }
    p = memchr(c->scan.start, '\n', (size_t)(c->scan.end - c->scan.start));
    while (p && p < c->scan.end && (vt_scan_class[(uint8_t)*p] & VT_SCAN_BLANK)) {
        p++;
    }
    return p && p < c->scan.end;
}

static char *
line_and_column(VtCursor *c, const char *at)
{
    unsigned column = 1;
    const char *newline;

    if (!c->line_start || c->line_start > at) {
        c->line_start = c->scan.start;
        c->line_no = MAX(c->first_line, 1);
    }
    while ((newline = memchr(c->line_start, '\n', (size_t)(at - c->line_start)))) {
        c->line_start = newline + 1;
        c->line_no++;
    }
    if (c->line_start == c->scan.start && c->first_line) {
        column = c->first_column;
    }
    for (const char *p = c->line_start; p < at; p++) {
        column += ((uint8_t)*p & 0xC0) != 0x80;
    }
    return g_strdup_printf("%s%s%u:%u", c->where, *c->where ? ":" : "", c->line_no, column);
}

char *
vt_cursor_position(VtCursor *c, const char *at)
{
    return c->kind == VT_CURSOR_TEXT && is_file(c) ? line_and_column(c, at) : g_memdup2(c->where, c->where_len + 1);
}

bool
vt_cursor_report(VtCursor *c, GError **error)
{
    VtScan *scan = &c->scan;
    g_autofree char *position = NULL;
    bool file = c->kind == VT_CURSOR_TEXT && is_file(c);
    g_autoptr(GString) text = g_string_new(NULL);

    if (c->prefix) {
        prepend(c, c->prefix, strlen(c->prefix));
    }
    position = file || (scan->syntax && c->kind == VT_CURSOR_TEXT) ? line_and_column(c, scan->at) : g_strdup(c->where);
    if (*position) {
        g_string_append_printf(text, "%s: ", position);
    }
    if (c->subject && !file && !strstr(c->where, c->subject)) {
        g_string_append_printf(text, "%s: ", c->subject);
    }
    if (c->path && c->path->len) {
        g_string_append_printf(text, "%s: ", c->path->str);
    }
    vt_error_set(error, "%s%s", text->str, scan->message ? scan->message : "malformed input");
    g_clear_pointer(&scan->message, g_free);
    g_clear_pointer(&c->subject, g_free);
    if (c->path) {
        g_string_free(g_steal_pointer(&c->path), TRUE);
    }
    scan->syntax = false;
    return false;
}
