/* SPDX-License-Identifier: MIT */
/*
 * Reading from a cursor of any kind.
 *
 * A cursor is at a value. A visit reads the token of the value, and then takes the whole value. A scalar takes one
 * call. An object or a list takes vt_cursor_open(), and then vt_cursor_more() and the member's value until
 * vt_cursor_more() returns VT_MORE_END.
 *
 * JSON text is read once, from start to end. vt_cursor_find() searches key=value text and trees by name.
 *
 * Functions that return bool return false on failure. vt_cursor_report() turns the failure into a GError. The functions
 * for JSON text are inline because each QMP request calls them.
 */
#pragma once

#include "text/cursor.h"

/* Moves the cursor to the start of the value. */
void vt_cursor_rewind(VtCursor *c);
/* Begins the visit of a whole value; vt_cursor_end() ends it. A NULL @hides hides nothing. Fails if the text is too
 * long. */
bool vt_cursor_begin(VtCursor *c, VtHides hides, const void *subject);
/* Fails with "expected @what, got a string 'x'", or with the syntax error in the value. Always returns false. */
bool vt_cursor_fail_type(VtCursor *c, const char *what) VT_COLD;
#ifdef __clang_analyzer__
#define vt_cursor_fail_type(...) (vt_cursor_fail_type(__VA_ARGS__), false)
#endif
/* Returns a description of the current value ("a string 'x'"), owned by the caller. NULL: no value is here, or it is
 * malformed. */
char *vt_cursor_describe(VtCursor *c) VT_COLD;

VtToken vt_cursor_token_other(VtCursor *c);
bool vt_cursor_open_other(VtCursor *c, VtMembers *members, bool list);
VtMore vt_cursor_more_other(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
bool vt_cursor_string_other(VtCursor *c, VtText *ret_text);
/* Moves @c to the member @name of the current value, an object. Returns false if it has no such member. Not for JSON
 * text. */
bool vt_cursor_find(VtCursor *c, const char *name, size_t len);
json_object *vt_cursor_tree(VtCursor *c); /* new reference; NULL: JSON null, or a failure */

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

/* Enters the current value, whose token is an object or a list. */
static inline bool
vt_cursor_open(VtCursor *c, VtMembers *members, bool list)
{
    members->started = false;
    members->list = list;
    members->key = (VtText){.s = ""};
    return G_LIKELY(c->kind == VT_CURSOR_TEXT) ? vt_scan_open(&c->scan) : vt_cursor_open_other(c, members, list);
}

/* Moves to the next member or element. vt_cursor_predicted() or vt_cursor_key() then takes the key of a member.
 * @declared looks names up in @table; both are NULL for lists. */
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

/* Takes the key if it equals @name; vt_cursor_colon() must follow. */
static inline bool
vt_cursor_predicted(VtCursor *c, VtMembers *members, const char *name, size_t len)
{
    if (G_LIKELY(c->kind == VT_CURSOR_TEXT)) {
        c->scan.at = c->scan.p;
        return vt_scan_predicted(&c->scan, name, len);
    }
    return members->key.len == len && memcmp(members->key.s, name, len) == 0;
}

/* Takes the key into VtMembers.key; vt_cursor_colon() must follow. */
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

/* Moves past a value that is visited later. */
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
