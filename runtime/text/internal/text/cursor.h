/* SPDX-License-Identifier: MIT */
/*
 * Cursor: where a visit stands in what somebody wrote: JSON text, key=value text or a json-c tree.
 * cursor-read.h has the calls that read from it.
 */
#pragma once

#include <json-c/json_types.h>

#include "text/json-scan.h"
#include "text/keyval.h"
#include "vt-runtime/text-input.h"

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

/* The opaque VtInput of text-input.h. */
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
/* "WHERE", or "WHERE:LINE:COLUMN" of @at where the text is a file. */
char *vt_cursor_position(VtCursor *c, const char *at);
/* Moves the failure into @error.  Always false. */
bool vt_cursor_report(VtCursor *c, GError **error) VT_COLD;

/* key=value text and trees */
VtToken vt_keyval_token(VtCursor *c);
VtMore vt_keyval_more(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
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
