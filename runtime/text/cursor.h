/* SPDX-License-Identifier: MIT */
/*
 * Cursor: where a visit stands in what somebody wrote: JSON text, key=value text or a json-c tree.
 *
 * A cursor stands on a value.  A visit asks what it is, and then takes it whole: a scalar by one call, an object or a
 * list by open, more, and the member's value, until more says it is over.  JSON text goes by in one direction;
 * key=value text and trees can be searched by name (vt_cursor_find).
 *
 * The calls for JSON text are inline: they are what a QMP request costs.
 */
#pragma once

#include <json-c/json_types.h>

#include "json-scan.h"
#include "keyval.h"
#include "vt-runtime/input.h"

typedef enum VtCursorKind { VT_CURSOR_TEXT, VT_CURSOR_KEYVAL, VT_CURSOR_TREE } VtCursorKind;

/* A value's place, to come back to. */
typedef struct VtMark {
    const char *at, *end;    /* text; end: where the value was seen to end */
    uint32_t lo, hi, prefix; /* key=value: settings, and the bytes of their keys that lead here */
    json_object *tree;
} VtMark;

/* An object or list that is being visited. */
typedef struct VtMembers {
    bool started, list;
    VtMark place;      /* of the object itself (not text) */
    size_t index;      /* of the next element or setting */
    size_t seen;       /* settings that belonged to the elements so far */
    const void *entry; /* tree: the next member */
    VtText key;
} VtMembers;

/* Whether an object's table has a member of that name; key=value text asks where to cut its keys. */
typedef bool (*VtDeclared)(const void *table, const char *name, size_t len);

/* The opaque VtInput of input.h. */
typedef struct VtInput VtCursor;

struct VtInput {
    VtCursorKind kind;
    VtScan scan; /* keeps the failure of every kind */
    VtKeyval *keyval;
    json_object *root;
    char *copy;          /* of the text, where the cursor owns it */
    VtMark here;         /* not text: the current value */
    GString *path;       /* of a failure: built on the way out */
    char *subject;       /* class of the creation that failed */
    const char *line_at; /* line_no and line_start are those of this byte */
    const char *line_start;
    unsigned line_no;
    unsigned first_line, first_column; /* where the text's first byte stands in its file; 0: not told */
    bool is_private;                   /* decoded without a type, it may be anything: no error shows a piece of it */
    uint32_t where_len;
    const char *prefix; /* path of the whole value, or NULL; stands behind where */
    char where[];
};

/* Names the member, or element, in which a failure happened.  Call it for each level, innermost first. */
void vt_cursor_path_name(VtCursor *c, const char *name, size_t len) VT_COLD;
void vt_cursor_path_index(VtCursor *c, size_t index) VT_COLD;
#define vt_cursor_fail(c, ...)       vt_scan_fail(&(c)->scan, NULL, __VA_ARGS__)
#define vt_cursor_fail_plain(c, ...) vt_scan_fail_plain(&(c)->scan, __VA_ARGS__)
/* "expected @what, got a string 'x'". */
bool vt_cursor_fail_type(VtCursor *c, const char *what) VT_COLD;
#ifdef __clang_analyzer__
#define vt_cursor_fail_type(...) (vt_cursor_fail_type(__VA_ARGS__), false)
#endif
/* The current value in words ("a string 'x'"). */
char *vt_cursor_describe(VtCursor *c) VT_COLD;
/* Starts anew at the beginning. */
void vt_cursor_rewind(VtCursor *c);
/* "WHERE", or "WHERE:LINE:COLUMN" of @at where the text is a file. */
char *vt_cursor_position(VtCursor *c, const char *at);
/* Moves the failure into @error.  Always false. */
bool vt_cursor_report(VtCursor *c, GError **error) VT_COLD;

VtToken vt_cursor_token_other(VtCursor *c);
bool vt_cursor_open_other(VtCursor *c, VtMembers *members, bool list);
VtMore vt_cursor_more_other(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
bool vt_cursor_string_other(VtCursor *c, VtText *ret_text);
/* Leaves @c on the member called @name, which the current value must be able to hold; false: it has none. */
bool vt_cursor_find(VtCursor *c, const char *name, size_t len);
json_object *vt_cursor_tree(VtCursor *c); /* new reference; NULL for null, and on failure */

/* key=value text and trees */
VtToken vt_keyval_token(VtCursor *c);
VtMore vt_keyval_more(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
json_object *vt_keyval_tree(VtCursor *c);
VtToken vt_tree_token(VtCursor *c);
bool vt_tree_open(VtCursor *c, VtMembers *members);
VtMore vt_tree_more(VtCursor *c, VtMembers *members);
bool vt_tree_find(VtCursor *c, const char *name, size_t len);
VtText vt_tree_string(const VtCursor *c);
/* Numbers: *ret_integer is valid where the result is true; otherwise *ret_double. */
bool vt_tree_number(const VtCursor *c, VtInteger *ret_integer, double *ret_double);
bool vt_tree_boolean(const VtCursor *c);
char *vt_tree_describe(json_object *tree);
json_object *vt_scan_tree(VtScan *scan);

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
