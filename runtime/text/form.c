/* SPDX-License-Identifier: MIT */
/*
 * Forms: texts that stand for settings.  qapi-gen checks the syntax of the forms.
 *
 *     [ [ "tcp:{host?}:{port}{...}", { "backend": "socket" } ], … ]
 *
 * A third member has the forms of the items of lists, by the name that {NAME*SEPARATOR@FORMS} has.  A fourth one lists
 * keys, of which the key=value text at the end has one.  A fifth one limits numbers: { "first": [ "last", 0 ] }.
 */
#include "text/form.h"

#include <stdint.h>
#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "vt-runtime/json.h"
#include "vt-runtime/setting.h"

static void
add_text(json_object *settings, const VtFormPlace *place, const char *text, size_t len)
{
    g_autofree char *key = g_strndup(place->name, place->name_len);

    json_object_object_add(settings, key, json_object_new_string_len(text, (int)len));
}

/* Whether @text continues as the pattern @after requires of a word. */
static bool
ends_word(const char *after, const char *text)
{
    return *after == '{' ? *text == '\0' || *text == ',' : *text == *after;
}

/* One of the words; returns the text after it, or NULL. */
static const char *
match_word(const VtFormPlace *place, const char *text, json_object *settings)
{
    for (const char *word = place->name + place->name_len + 1; word < place->end;) {
        size_t len = strcspn(word, "|}");

        if (strncmp(word, text, len) == 0 && ends_word(place->after, text + len)) {
            add_text(settings, place, text, len);
            return text + len;
        }
        word += len + 1;
    }
    return NULL;
}

/* Decimal digits, or hexadecimal ones after 0x; returns the text after them, or NULL. */
static const char *
match_number(const VtFormPlace *place, const char *text, json_object *settings)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && g_ascii_isxdigit(text[2]);
    size_t len = hex ? 2 : 0;

    while (hex ? g_ascii_isxdigit(text[len]) : g_ascii_isdigit(text[len])) {
        len++;
    }
    if (!len) {
        return NULL;
    }
    add_text(settings, place, text, len);
    return text + len;
}

/* The text up to a single comma; ',,' is a comma. */
static const char *
match_item(const VtFormPlace *place, const char *text, json_object *settings)
{
    g_autoptr(GString) value = g_string_new(NULL);

    for (; *text && (*text != ',' || text[1] == ','); text++) {
        g_string_append_c(value, *text);
        text += *text == ',';
    }
    if (!value->len && place->kind != '?') {
        return NULL;
    }
    add_text(settings, place, value->str, value->len);
    return text;
}

static json_object *match_one(json_object *forms, const char *text);

/* Adds the texts between separators as a list, of settings if @items has their forms.  Returns false if one is empty
 * or has no form. */
static bool
add_list(json_object *settings, const VtFormPlace *place, json_object *items, const char *text, size_t len)
{
    const char *forms = place->name + place->name_len + 2;
    g_autofree char *name = *forms == '@' ? g_strndup(forms + 1, (size_t)(place->end - forms) - 1) : NULL;
    const char separator[] = {place->name[place->name_len + 1], '\0'};
    g_autofree char *key = g_strndup(place->name, place->name_len), *list = g_strndup(text, len);
    g_auto(GStrv) parts = g_strsplit(list, separator, -1);
    json_object *texts = json_object_new_array();
    bool ok = len > 0;

    for (char **part = parts; *part; part++) {
        json_object *item =
            name ? match_one(json_object_object_get(items, name), *part) : json_object_new_string(*part);

        ok = ok && **part && item;
        json_object_array_add(texts, item);
    }
    json_object_object_add(settings, key, texts);
    return ok;
}

/* The text up to the next literal of the pattern.  An IPv6 address before ':' is in brackets. */
static const char *
match_text(const VtFormPlace *place, json_object *items, const char *text, json_object *settings)
{
    g_autofree char *literal = g_strndup(place->after, strcspn(place->after, "{"));
    const char *end = *literal ? strstr(text, literal) : text + strlen(text);
    const char *bracket = *literal == ':' && *text == '[' ? strstr(text, "]:") : NULL;
    size_t prefix = place->kind == ':' ? (size_t)(place->end - place->name) - place->name_len - 1 : 0;

    if (strncmp(text, place->name + place->name_len + 1, prefix) != 0) {
        return NULL;
    }
    if (*place->after == '{') {
        return match_item(place, text, settings);
    }
    if (bracket) {
        add_text(settings, place, text + 1, (size_t)(bracket - text) - 1);
        return bracket + 1;
    }
    if (!end || (end == text && place->kind != '?')) {
        return NULL;
    }
    if (place->kind == '*') {
        return add_list(settings, place, items, text, (size_t)(end - text)) ? end : NULL;
    }
    add_text(settings, place, text, (size_t)(end - text));
    return end;
}

/* Settings after a comma, or all of the text if its first item has a key. */
static bool
match_rest(bool is_whole, const char *text, json_object *settings)
{
    size_t len = strcspn(text, ",=");

    if (is_whole ? text[len] != '=' : *text && *text != ',') {
        return false;
    }
    text += !is_whole && *text;
    if (*text) {
        json_object_object_add(settings, VT_FORM_REST, json_object_new_string(text));
    }
    return true;
}

static bool
match(const char *pattern, json_object *items, const char *text, json_object *settings)
{
    for (bool is_first = true; *pattern;) {
        VtFormPlace place;

        if (*pattern != '{') {
            if (*text++ != *pattern++) {
                return false;
            }
            continue;
        }
        place = vt_form_place(pattern);
        if (!place.kind) {
            return match_rest(is_first, text, settings);
        }
        text = place.kind == '='   ? match_word(&place, text, settings)
               : place.kind == '#' ? match_number(&place, text, settings)
                                   : match_text(&place, items, text, settings);
        if (!text) {
            return false;
        }
        pattern = place.after;
        is_first = false;
    }
    return !*text;
}

/* Whether the key=value text at the end has the key, with a value or without one. */
static bool
rest_has(json_object *settings, const char *key)
{
    json_object *rest = json_object_object_get(settings, VT_FORM_REST);
    size_t len = strlen(key);

    for (const char *text = rest ? json_object_get_string(rest) : NULL, *end; text; text = *end ? end + 1 : NULL) {
        end = vt_keyval_item_end(text);
        if (strncmp(text, key, len) == 0 && (!text[len] || strchr("=,", text[len]))) {
            return true;
        }
    }
    return false;
}

/* Without keys, any text will do. @keys may be NULL. */
static bool
rest_has_one(json_object *settings, json_object *keys)
{
    bool found = !keys || !json_object_array_length(keys);

    for (size_t i = 0; keys && i < json_object_array_length(keys); i++) {
        found |= rest_has(settings, json_object_get_string(json_object_array_get_idx(keys, i)));
    }
    return found;
}

static uint64_t
number_of(json_object *settings, const char *key)
{
    json_object *number = json_object_object_get(settings, key);

    return number ? g_ascii_strtoull(json_object_get_string(number), NULL, 0) : 0;
}

/* Whether no number exceeds its limit: the other number, and what is added to it. @limits may be NULL. */
static bool
keeps_limits(json_object *settings, json_object *limits)
{
    if (!limits) {
        return true;
    }
    json_object_object_foreach (limits, key, limit) {
        uint64_t number = number_of(settings, key);
        uint64_t other = number_of(settings, json_object_get_string(json_object_array_get_idx(limit, 0)));
        uint64_t more = json_object_get_uint64(json_object_array_get_idx(limit, 1));

        if (number > other && number - other > more) {
            return false;
        }
    }
    return true;
}

/* The settings by the first form that matches, or NULL. */
static json_object *
match_one(json_object *forms, const char *text)
{
    json_object *settings = NULL;

    for (size_t i = 0; !settings && i < json_object_array_length(forms); i++) {
        json_object *form = json_object_array_get_idx(forms, i);

        settings = json_object_new_object();
        if (match(json_object_get_string(json_object_array_get_idx(form, 0)), json_object_array_get_idx(form, 2), text,
                  settings) &&
            rest_has_one(settings, json_object_array_get_idx(form, 3)) &&
            keeps_limits(settings, json_object_array_get_idx(form, 4))) {
            json_object_object_foreach (json_object_array_get_idx(form, 1), key, value) {
                if (!rest_has(settings, key)) {
                    json_object_object_add(settings, key, json_object_get(value));
                }
            }
        } else {
            json_object_put(settings);
            settings = NULL;
        }
    }
    return settings;
}

json_object *
vt_form_match(const char *forms, const char *text, GError **error)
{
    json_object *list = vt_json_parse(forms, strlen(forms), "forms", NULL), *settings = match_one(list, text);

    if (!settings) {
        vt_form_fail(list, text, error);
    }
    json_object_put(list);
    return settings;
}
