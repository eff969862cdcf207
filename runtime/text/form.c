/* SPDX-License-Identifier: MIT */
/*
 * Forms: texts that stand for settings.  qapi-gen checks the syntax of the forms.
 *
 *     [ [ "tcp:{host?}:{port}{...}", { "backend": "socket" } ], … ]
 *
 * A third member has the forms of the items of lists, by the name that {NAME*SEPARATOR@FORMS} has.  A fourth one lists
 * keys, of which the key=value text at the end has one.
 */
#include "vt-runtime/setting.h"

#include <stdbool.h>
#include <string.h>

#include <json-c/json.h>

#include "text/keyval.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/names.h"

#define REST    "..."
#define SIMILAR 6 /* forms that an error lists */

/* A placeholder: {NAME}, {NAME?}, {NAME*SEPARATOR}, {NAME*SEPARATOR@FORMS}, {NAME:PREFIX}, {NAME=WORD|WORD} or
 * {...}. */
typedef struct Place {
    const char *name, *end; /* @end: its '}' */
    size_t name_len;
    char kind;         /* '}', '?', '*', ':' or '='; 0: {...} */
    const char *after; /* the pattern after it */
} Place;

static Place
place_at(const char *pattern)
{
    Place place = {.name = pattern + 1, .end = strchr(pattern, '}')};

    place.after = place.end + 1;
    if (!g_str_has_prefix(place.name, REST)) {
        place.name_len = strcspn(place.name, "?*:=}");
        place.kind = place.name[place.name_len];
    }
    return place;
}

static void
add_text(json_object *settings, const Place *place, const char *text, size_t len)
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
match_word(const Place *place, const char *text, json_object *settings)
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

/* The text up to a single comma; ',,' is a comma. */
static const char *
match_item(const Place *place, const char *text, json_object *settings)
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
add_list(json_object *settings, const Place *place, json_object *items, const char *text, size_t len)
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
match_text(const Place *place, json_object *items, const char *text, json_object *settings)
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
        json_object_object_add(settings, REST, json_object_new_string(text));
    }
    return true;
}

static bool
match(const char *pattern, json_object *items, const char *text, json_object *settings)
{
    for (bool is_first = true; *pattern;) {
        Place place;

        if (*pattern != '{') {
            if (*text++ != *pattern++) {
                return false;
            }
            continue;
        }
        place = place_at(pattern);
        if (!place.kind) {
            return match_rest(is_first, text, settings);
        }
        text = place.kind == '=' ? match_word(&place, text, settings) : match_text(&place, items, text, settings);
        if (!text) {
            return false;
        }
        pattern = place.after;
        is_first = false;
    }
    return !*text;
}

/* ---- errors -------------------------------------------------------------------------------------------- */

/* Adds the text, unless it is there.  Takes ownership of @text. */
static void
add_new(GPtrArray *texts, char *text)
{
    if (g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL)) {
        g_free(text);
    } else {
        g_ptr_array_add(texts, text);
    }
}

/* Adds what a text begins with, up to a colon: "tcp:…", "stdio".  @open: more text may follow. */
static void
add_head(GPtrArray *heads, const char *text, bool open)
{
    size_t len = strcspn(text, ":");
    bool more = open || (text[len] && text[len + 1]);

    add_new(heads, g_strdup_printf("%.*s%s%s", (int)len, text, text[len] ? ":" : "", more ? "…" : ""));
}

/* What the texts of a form begin with. */
static void
add_heads(GPtrArray *heads, const char *pattern)
{
    size_t len = strcspn(pattern, "{"), prefix;
    Place place;

    if (!pattern[len]) {
        add_head(heads, pattern, false);
        return;
    }
    place = place_at(pattern + len);
    prefix = place.kind == ':' ? (size_t)(place.end - place.name) - place.name_len - 1 : 0;
    for (const char *word = place.name + place.name_len + 1; place.kind == '=' && word < place.end;) {
        size_t size = strcspn(word, "|}");
        g_autofree char *head = g_strdup_printf("%.*s%.*s%.1s", (int)len, pattern, (int)size, word, place.after);

        add_head(heads, head, *place.after != '\0');
        word += size + 1;
    }
    if (place.kind != '=') {
        g_autofree char *head = g_strdup_printf("%.*s%.*s", (int)len, pattern, (int)prefix, place.end - prefix);

        add_head(heads, head, true);
    }
}

/* The form for users: "tcp:[HOST]:PORT[,KEY=VALUE…]". @word: replaces a choice of words at its start; may be NULL. */
static char *
form_for_users(const char *pattern, const char *word)
{
    GString *text = g_string_new(NULL);

    while (*pattern) {
        Place place;
        g_autofree char *name = NULL;

        if (*pattern != '{') {
            g_string_append_c(text, *pattern++);
            continue;
        }
        place = place_at(pattern);
        name = g_ascii_strup(place.name, (gssize)place.name_len);
        if (!place.kind) {
            g_string_append(text, pattern[-1] == '}' ? "[,KEY=VALUE…]" : "KEY=VALUE[,…]");
        } else if (place.kind == '=' && word) {
            g_string_append(text, word);
        } else if (place.kind == ':') {
            g_string_append_len(text, place.name + place.name_len + 1, place.end - place.name - place.name_len - 1);
            g_string_append(text, "…");
        } else if (place.kind == '*') {
            g_string_append_printf(text, "%s[%c%s…]", name, place.name[place.name_len + 1], name);
        } else {
            g_string_append_printf(text, place.kind == '?' ? "[%s]" : "%s", name);
        }
        pattern = place.after;
    }
    return g_string_free(text, FALSE);
}

/* Adds the form if @start, as "tcp:", begins its texts. */
static void
add_similar(GPtrArray *similar, const char *pattern, const char *start)
{
    g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(g_free);
    size_t len = strlen(start);

    add_heads(heads, pattern);
    for (guint i = 0; i < heads->len; i++) {
        g_autofree char *word = g_strndup(start, len - 1);

        if (strncmp(heads->pdata[i], start, len) == 0) {
            add_new(similar, form_for_users(pattern, word));
        }
    }
}

static char *
listed(const GPtrArray *texts)
{
    GString *list = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++) {
        g_string_append_printf(list, "%s%s", !i ? "" : i + 1 == texts->len ? " or " : ", ", (char *)texts->pdata[i]);
    }
    return g_string_free(list, FALSE);
}

/* Lists the forms that begin as the text does, a few forms if one begins with any text, or what texts begin with. */
static void
fail_form(json_object *forms, const char *text, GError **error)
{
    g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) similar = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) whole = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) names = vt_names_new();
    size_t colon = strcspn(text, ":");
    g_autofree char *word = g_strndup(text, MIN(colon, strcspn(text, ",")));
    g_autofree char *start = g_strndup(text, colon + 1);
    g_autofree char *list = NULL;
    const char *nearest;
    bool is_open = false; /* a form begins with any text */

    for (size_t i = 0; i < json_object_array_length(forms); i++) {
        const char *pattern = json_object_get_string(json_object_array_get_idx(json_object_array_get_idx(forms, i), 0));

        add_heads(heads, pattern);
        add_new(whole, form_for_users(pattern, NULL));
        is_open |= *pattern == '{' && place_at(pattern).kind != '=';
        if (text[colon]) {
            add_similar(similar, pattern, start);
        }
    }
    list = listed(similar->len && similar->len <= SIMILAR ? similar : is_open && whole->len <= SIMILAR ? whole : heads);
    for (guint i = 0; i < heads->len; i++) {
        g_ptr_array_add(words, g_strndup(heads->pdata[i], strcspn(heads->pdata[i], ":")));
        vt_names_add(names, words->pdata[i]);
    }
    nearest = vt_nearest(word, vt_names_list(names));
    if (nearest && strcmp(nearest, word) != 0) {
        vt_error_set(error, "expected %s, got '%.60s'; did you mean '%s'?", list, text, nearest);
    } else {
        vt_error_set(error, "expected %s, got '%.60s'", list, text);
    }
}

/* Whether the key=value text at the end has the key, with a value or without one. */
static bool
rest_has(json_object *settings, const char *key)
{
    json_object *rest = json_object_object_get(settings, REST);
    size_t len = strlen(key);

    for (const char *text = rest ? json_object_get_string(rest) : NULL, *end; text; text = *end ? end + 1 : NULL) {
        end = vt_keyval_item_end(text);
        if (strncmp(text, key, len) == 0 && (!text[len] || strchr("=,", text[len]))) {
            return true;
        }
    }
    return false;
}

/* @keys may be NULL. */
static bool
rest_has_one(json_object *settings, json_object *keys)
{
    bool found = !keys;

    for (size_t i = 0; keys && i < json_object_array_length(keys); i++) {
        found |= rest_has(settings, json_object_get_string(json_object_array_get_idx(keys, i)));
    }
    return found;
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
            rest_has_one(settings, json_object_array_get_idx(form, 3))) {
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
        fail_form(list, text, error);
    }
    json_object_put(list);
    return settings;
}
