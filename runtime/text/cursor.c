/* SPDX-License-Identifier: MIT */
/*
 * Failures of a cursor: position, member and message.
 */
#include "text/cursor.h"

#include <string.h>

#include "vt-runtime/error.h"

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
    return c->kind == VT_CURSOR_TEXT && is_file(c) ? line_and_column(c, at) : NULL;
}

bool
vt_cursor_fail_missing(VtCursor *c, const char *name)
{
    c->missing = name;
    return vt_cursor_fail_plain(c, "missing member '%s'", name);
}

/* ---- reports ------------------------------------------------------------------------------------------- */

/* The length of @path if @whole is that path or continues it, or 0. */
static size_t
path_len(const char *path, const char *whole)
{
    size_t len = strlen(path);

    return strncmp(path, whole, len) == 0 && (!whole[len] || whole[len] == '.' || whole[len] == '[') ? len : 0;
}

/* The path @path as the user wrote it. The caller frees it. */
static char *
written_path(const VtCursor *c, const char *path)
{
    const VtWritten *written = &c->written;
    size_t len = written->within ? path_len(written->within, path) : 0;

    path += len + (path[len] == '.' && len);
    for (const char *const *each = written->keys; each && *each; each += 2) {
        len = path_len(each[0], path);
        if (len) {
            return g_strconcat(each[1], path + len, NULL);
        }
    }
    return g_strdup(path);
}

/* The message about a missing member has the key that sets it, which may be the key of the whole path. */
static void
rewrite_missing(VtCursor *c)
{
    g_autofree char *whole =
        g_strconcat(c->path ? c->path->str : "", c->path && c->path->len ? "." : "", c->missing, NULL);
    g_autofree char *written = written_path(c, whole);

    if (strcmp(whole, written) != 0 && !strchr(written, '.')) {
        g_free(c->scan.message);
        c->scan.message = g_strdup_printf("missing member '%s'", written);
        if (c->path) {
            g_string_truncate(c->path, 0);
        }
    }
}

bool
vt_cursor_report(VtCursor *c, GError **error)
{
    VtScan *scan = &c->scan;
    g_autofree char *position = NULL;
    bool file = c->kind == VT_CURSOR_TEXT && is_file(c);
    g_autoptr(GString) text = g_string_new(NULL);

    if (c->missing) {
        rewrite_missing(c);
    }
    if (c->path) {
        g_autofree char *path = written_path(c, c->path->str);

        g_string_assign(c->path, path);
    }
    if (c->prefix) {
        prepend(c, c->prefix, strlen(c->prefix));
    }
    position = file || (scan->syntax && c->kind == VT_CURSOR_TEXT) ? line_and_column(c, scan->at) : g_strdup(c->where);
    if (*position) {
        g_string_append_printf(text, "%s: ", position);
    }
    if (c->subject && !c->written.classless && !file && !strstr(c->where, c->subject)) {
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
    c->missing = NULL;
    return false;
}
