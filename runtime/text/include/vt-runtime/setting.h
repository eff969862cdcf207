/* SPDX-License-Identifier: MIT */
/*
 * Settings: key=value text of trees, and the forms of texts that stand for settings.
 */
#pragma once

#include <glib.h>
#include <json-c/json_types.h>

/* Appends "key=value" to key=value text. */
void vt_setting_append(GString *text, const char *key, const char *value);
/* The tree as key=value text, which the caller frees.  An object {"...": [{"key": K, "value": V}, …]} is "K=V,…". */
char *vt_setting_text(json_object *value);

/* The settings that @text stands for by one of the forms, which are JSON text of qapi-gen: a new reference.  The key
 * "..." has key=value text, a list has an array of texts.  Returns NULL if no form matches: the error lists them. */
json_object *vt_form_match(const char *forms, const char *text, GError **error);
