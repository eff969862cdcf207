/* SPDX-License-Identifier: MIT */
/*
 * How a visit reads from a cursor, of whatever kind it is.
 *
 * A cursor stands on a value.  A visit asks what it is, and then takes it whole: a scalar by one call, an object or a
 * list by open, more, and the member's value, until more says it is over.  JSON text goes by in one direction;
 * key=value text and trees can be searched by name (vt_cursor_find).
 *
 * The calls for JSON text are inline: they are what a QMP request costs.
 */
#pragma once

#include "text/cursor.h"

/* Starts anew at the beginning. */
void vt_cursor_rewind(VtCursor *c);
/* A visit of a whole text: begin, visit, end.  @hides may be NULL: nothing is hidden.  A failure is kept in @c. */
bool vt_cursor_begin(VtCursor *c, VtHides hides, const void *subject);
/* "expected @what, got a string 'x'". */
bool vt_cursor_fail_type(VtCursor *c, const char *what) VT_COLD;
#ifdef __clang_analyzer__
#define vt_cursor_fail_type(...) (vt_cursor_fail_type(__VA_ARGS__), false)
#endif
/* The current value in words ("a string 'x'"). */
char *vt_cursor_describe(VtCursor *c) VT_COLD;

VtToken vt_cursor_token_other(VtCursor *c);
bool vt_cursor_open_other(VtCursor *c, VtMembers *members, bool list);
VtMore vt_cursor_more_other(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
bool vt_cursor_string_other(VtCursor *c, VtText *ret_text);
/* Leaves @c on the member called @name, which the current value must be able to hold; false: it has none. */
bool vt_cursor_find(VtCursor *c, const char *name, size_t len);
json_object *vt_cursor_tree(VtCursor *c); /* new reference; NULL for null, and on failure */

static inline bool
vt_cursor_end(VtCursor *c)
{
    return c->kind != VT_CURSOR_TEXT || vt_scan_end(&c->scan);
}

static inline VtToken
vt_cursor_token(VtCursor *c)
{
    return G_LIKELY(c->kind == VT_CURSOR_TEXT) ? vt_scan_token(&c->scan) : vt_cursor_token_other(c);
}

/* The token has been seen to be an object or a list. */
static inline bool
vt_cursor_open(VtCursor *c, VtMembers *members, bool list)
{
    members->started = false;
    members->list = list;
    members->key = (VtText){.s = ""};
    return G_LIKELY(c->kind == VT_CURSOR_TEXT) ? vt_scan_open(&c->scan) : vt_cursor_open_other(c, members, list);
}

/* To the next member; its key is taken by predicted or key.  @table is asked by @declared (NULL for lists). */
static inline VtMore
vt_cursor_more(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table)
{
    if (G_LIKELY(c->kind == VT_CURSOR_TEXT)) {
        bool first = !members->started;

        members->started = true;
        return vt_scan_more(&c->scan, first, members->list ? ']' : '}');
    }
    return vt_cursor_more_other(c, members, declared, table);
}

/* Takes the key if it is @name; vt_cursor_colon() must follow. */
static inline bool
vt_cursor_predicted(VtCursor *c, VtMembers *members, const char *name, size_t len)
{
    if (G_LIKELY(c->kind == VT_CURSOR_TEXT)) {
        c->scan.at = c->scan.p;
        return vt_scan_predicted(&c->scan, name, len);
    }
    return members->key.len == len && memcmp(members->key.s, name, len) == 0;
}

/* Takes the key: members->key; vt_cursor_colon() must follow. */
static inline bool
vt_cursor_key(VtCursor *c, VtMembers *members)
{
    if (G_LIKELY(c->kind == VT_CURSOR_TEXT)) {
        c->scan.at = c->scan.p;
        vt_text_clear(&members->key);
        if (!vt_scan_string(&c->scan, &members->key)) {
            return false;
        }
        if (G_UNLIKELY(members->key.len > VT_SCAN_KEY)) {
            return vt_cursor_fail(c, "a member's name is longer than %d bytes", VT_SCAN_KEY);
        }
    }
    return true;
}

static inline bool
vt_cursor_colon(VtCursor *c)
{
    return c->kind != VT_CURSOR_TEXT || vt_scan_colon(&c->scan);
}

static inline bool
vt_cursor_string(VtCursor *c, VtText *ret_text)
{
    return G_LIKELY(c->kind == VT_CURSOR_TEXT) ? vt_scan_string(&c->scan, ret_text)
                                               : vt_cursor_string_other(c, ret_text);
}

/* Moves over a value that is to be visited later. */
static inline bool
vt_cursor_skip(VtCursor *c)
{
    return c->kind != VT_CURSOR_TEXT || vt_scan_skip(&c->scan);
}

static inline VtMark
vt_cursor_mark(const VtCursor *c)
{
    if (c->kind == VT_CURSOR_TEXT) {
        return (VtMark){.at = c->scan.p};
    }
    return c->here;
}

static inline void
vt_cursor_go(VtCursor *c, const VtMark *place)
{
    if (c->kind == VT_CURSOR_TEXT) {
        c->scan.p = place->at;
    } else {
        c->here = *place;
    }
}
