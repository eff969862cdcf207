/* SPDX-License-Identifier: MIT */
/*
 * XML as a tree, which records what a reader has used.
 *
 * A path is relative to an element: steps between slashes. A step is a name, "(A|B)", "*", "..", an attribute after the
 * at sign as the last one, or "." for the text of the element. "/" at the start is the root. A step may have
 * conditions:
 * "[PATH]" it exists, "[PATH=VALUE]", and with "!" at the start or before "=" the opposite. VALUE is a pattern with
 * '*', or several between '|'; a number is compared as such.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct EngineElement EngineElement;

typedef struct EngineAttribute {
    char *name, *value;
    bool used;
    bool secret; /* it is reported as not used, without its value, whatever used it */
} EngineAttribute;

struct EngineElement {
    char *name;
    GString *text;      /* without blanks around it */
    GArray *attributes; /* of EngineAttribute */
    GPtrArray *children;
    EngineElement *parent; /* NULL: the root */
    bool used, text_used;
};

/* Parses an XML document. Returns its root element, which the caller frees; NULL and @error: it is not well-formed. */
EngineElement *engine_markup_parse(const char *text, size_t len, GError **error);
void engine_markup_free(EngineElement *root); /* NULL is a no-op */

/* The value at @path, borrowed; NULL: there is none. @use: records that it is used. *@ret_owner (optional): the element
 * that has it. */
const char *engine_markup_value(EngineElement *element, const char *path, bool use, EngineElement **ret_owner);
/* All elements that @path matches, in the order of the document; the caller frees the array. */
GPtrArray *engine_markup_find(EngineElement *element, const char *path);
/* Records that @element, and the values of the conditions by which @path matches it, are used. */
void engine_markup_use(EngineElement *element, const char *path);
/* Records that all of @element is used. */
void engine_markup_use_all(EngineElement *element);
/* The number of elements with the name of @element before it, below the same parent. */
unsigned engine_markup_index(const EngineElement *element);
/* Sets the value at @path, whose last step is an attribute, or appends a text element. Creates what is missing. The
 * path has no conditions. */
void engine_markup_set(EngineElement *element, const char *path, const char *value);
/* Appends the paths of what is not used to @lines. */
void engine_markup_unused(EngineElement *root, GPtrArray *lines);
