/* SPDX-License-Identifier: MIT */
/*
 * The error about a text that has none of the forms, and the syntax of placeholders.
 */
#include "text/form.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/names.h"

#define SIMILAR 6 /* forms that an error lists */

VtFormPlace
vt_form_place(const char *pattern)
{
    VtFormPlace place = {.name = pattern + 1, .end = strchr(pattern, '}')};

    place.after = place.end + 1;
    if (!g_str_has_prefix(place.name, VT_FORM_REST)) {
        place.name_len = strcspn(place.name, "?*:=#}");
        place.kind = place.name[place.name_len];
    }
    return place;
}

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
    VtFormPlace place;

    if (!pattern[len]) {
        add_head(heads, *pattern ? pattern : "''", false);
        return;
    }
    place = vt_form_place(pattern + len);
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
    GString *text = g_string_new(*pattern ? NULL : "''");

    while (*pattern) {
        VtFormPlace place;
        g_autofree char *name = NULL;

        if (*pattern != '{') {
            g_string_append_c(text, *pattern++);
            continue;
        }
        place = vt_form_place(pattern);
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

void
vt_form_fail(json_object *forms, const char *text, GError **error)
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
        is_open |= *pattern == '{' && vt_form_place(pattern).kind != '=';
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
