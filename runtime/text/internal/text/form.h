/* SPDX-License-Identifier: MIT */
/*
 * Forms: what their matching and their errors share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <json-c/json_types.h>

#define VT_FORM_REST "..."

/* A placeholder: {NAME}, {NAME?}, {NAME#}, {NAME*SEPARATOR}, {NAME*SEPARATOR@FORMS}, {NAME:PREFIX}, {NAME=WORD|WORD}
 * or {...}. */
typedef struct VtFormPlace {
    const char *name, *end; /* @end: its '}' */
    size_t name_len;
    char kind;         /* '}', '?', '#', '*', ':' or '='; 0: {...} */
    const char *after; /* the pattern after it */
} VtFormPlace;

/* The placeholder that begins at @pattern. */
VtFormPlace vt_form_place(const char *pattern);
/* Lists the forms that begin as the text does, a few forms if one begins with any text, or what texts begin with. */
void vt_form_fail(json_object *forms, const char *text, GError **error);
