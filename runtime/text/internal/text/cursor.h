/* SPDX-License-Identifier: MIT */
/*
 * Cursor: the position of a visit in JSON text, key=value text or a json-c tree. cursor-read.h has the functions that
 * read from it.
 */
#pragma once

#include <json-c/json_types.h>

#include "text/json-scan.h"
#include "text/keyval.h"
#include "vt-runtime/text-input.h"

typedef enum VtCursorKind { VT_CURSOR_TEXT, VT_CURSOR_KEYVAL, VT_CURSOR_TREE } VtCursorKind;

/* The saved position of a value. */
typedef struct VtMark {
    const char *at, *end;    /* text; @end is the end of the value, where known */
    uint32_t lo, hi, prefix; /* key=value: settings [lo, hi), and the length of their common key prefix */
    json_object *tree;
} VtMark;

/* An object or list that is being visited. */
typedef struct VtMembers {
    bool started, list;
    VtMark place;      /* of the object or list itself; unused for text */
    size_t index;      /* of the next element or setting */
    size_t seen;       /* key=value: settings in the elements read so far */
    const void *entry; /* tree: the next member */
    VtText key;
} VtMembers;

/* Returns whether the object type in @table has a member called @name. Key=value text splits its keys by it. */
typedef bool (*VtDeclared)(const void *table, const char *name, size_t len);

/* The definition of VtInput, which text-input.h declares. */
typedef struct VtInput VtCursor;

struct VtInput {
    VtCursorKind kind;
    VtScan scan; /* also keeps the failure of inputs that are not text */
    VtKeyval *keyval;
    json_object *root;
    char *copy;          /* of the text; NULL if the text is borrowed */
    VtMark here;         /* the current value; unused for text */
    GString *path;       /* of the member that failed; each level prepends its name */
    char *subject;       /* class of the object whose creation failed */
    const char *missing; /* the member that the object at the path lacks; NULL: another failure */
    VtWritten written;
    const char *line_at; /* cache: line_no and line_start are of this byte */
    const char *line_start;
    unsigned line_no;
    unsigned first_line, first_column; /* position of the text in its file; 0: unknown */
    bool is_private;                   /* errors of decoding without a type show no part of the text */
    uint32_t where_len;
    const char *where;  /* these two are in the block of the input, as is @keyval */
    const char *prefix; /* path of the whole value; NULL: none */
};

/* Adds the name of the member or element that failed to the path. Each level calls it, innermost first. */
void vt_cursor_path_name(VtCursor *c, const char *name, size_t len) VT_COLD;
void vt_cursor_path_index(VtCursor *c, size_t index) VT_COLD;
#define vt_cursor_fail(c, ...)       vt_scan_fail(&(c)->scan, NULL, __VA_ARGS__)
#define vt_cursor_fail_plain(c, ...) vt_scan_fail_plain(&(c)->scan, __VA_ARGS__)
/* Fails because the current object lacks the member @name, which is borrowed. Always returns false. */
bool vt_cursor_fail_missing(VtCursor *c, const char *name) VT_COLD;
/* Returns "WHERE:LINE:COLUMN" of @at if the text is from a file or has several lines, owned by the caller. Otherwise
 * returns NULL: the position is VtInput.where. */
char *vt_cursor_position(VtCursor *c, const char *at);
/* Moves the failure into @error. Always returns false. */
bool vt_cursor_report(VtCursor *c, GError **error) VT_COLD;

/* Key=value text and trees. */
VtToken vt_keyval_token(VtCursor *c);
VtMore vt_keyval_more(VtCursor *c, VtMembers *members, VtDeclared declared, const void *table);
VtToken vt_tree_token(VtCursor *c);
bool vt_tree_open(VtCursor *c, VtMembers *members);
VtMore vt_tree_more(VtCursor *c, VtMembers *members);
bool vt_tree_find(VtCursor *c, const char *name, size_t len);
VtText vt_tree_string(const VtCursor *c);
/* Returns true and sets *@ret_integer for an integer; returns false and sets *@ret_double for a double. */
bool vt_tree_number(const VtCursor *c, VtInteger *ret_integer, double *ret_double);
bool vt_tree_boolean(const VtCursor *c);
char *vt_tree_describe(json_object *tree);
json_object *vt_scan_tree(VtScan *scan);
