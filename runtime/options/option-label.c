/* SPDX-License-Identifier: MIT */
/*
 * Labels: names of command line values, for messages and for the process list.
 *
 * With many -device options, a message must identify one: the label is the start of the value's text.  If the text may
 * have a sensitive value, the label is the class and id only.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "text/json-walk.h"
#include "visit/visit-private.h"

#define LABEL_CHARS 48 /* of a value's text */
#define WORD_BYTES  64 /* limit of a class name or id, with the NUL */

typedef char Word[WORD_BYTES];

static char *
start_of(const VtOption *option, const char *text)
{
    glong chars;

    if (!(option->flags & VT_OPTION_MULTIPLE) || !g_utf8_validate(text, -1, NULL)) {
        return g_strdup_printf("-%s", option->name);
    }
    chars = g_utf8_strlen(text, -1);
    return g_strdup_printf("-%s %.*s%s", option->name,
                           (int)(g_utf8_offset_to_pointer(text, MIN(chars, LABEL_CHARS)) - text), text,
                           chars > LABEL_CHARS ? "…" : "");
}

/* Copies a text that is shorter than the limit. */
static void
copy(Word word, const char *text, size_t len)
{
    if (len < WORD_BYTES) {
        memcpy(word, text, len);
        word[len] = '\0';
    }
}

/* Finds the short string value of the first member @key of a text that may be invalid JSON. */
static void
find_json(const char *text, const char *key, Word word)
{
    VtJsonWalk walk;
    VtSpan name, value;

    vt_json_walk_init(&walk, text, strlen(text));
    while (vt_json_walk_next(&walk, &name, &value)) {
        if (name.len == strlen(key) && memcmp(name.text, key, name.len) == 0) {
            if (value.len > 2 && value.text[0] == '"') {
                copy(word, value.text + 1, value.len - 2);
            }
            return;
        }
    }
}

static void
find_keyval(const char *text, const char *key, bool implied, Word word)
{
    size_t key_len = strlen(key);

    for (const char *item = text; *item;) {
        size_t len = 0, skip = 0;

        while (item[len] && (item[len] != ',' || item[len + 1] == ',')) {
            len += item[len] == ',' ? 2 : 1;
        }
        if (len > key_len && item[key_len] == '=' && memcmp(item, key, key_len) == 0) {
            skip = key_len + 1;
        }
        if (skip || (implied && item == text && !memchr(item, '=', len))) {
            copy(word, item + skip, len - skip);
            return;
        }
        item += len + (item[len] == ',');
    }
}

/* Sets @word to the value of @key; "": there is none, or it is too long. */
static void
find(const VtOption *option, const char *text, const char *key, Word word)
{
    word[0] = '\0';
    if (*text == '{') {
        find_json(text, key, word);
    } else {
        find_keyval(text, key, option->implied_key && strcmp(option->implied_key, key) == 0, word);
    }
}

static char *
creation_label(const VtSchema *schema, const VtOption *option, const char *text)
{
    const VtClassInfo *root = vt_schema_class(schema, option->root);
    Word tag, id;
    bool shows_id, shows_tag;

    find(option, text, vt_str(root->layer, root->row->tag_name), tag);
    find(option, text, vt_str(root->layer, root->row->id_name), id);
    shows_id = vt_id_is_well_formed(id);
    shows_tag = *tag && (vt_schema_class_by_tag(schema, root, tag) || vt_schema_class_by_alias(schema, root, tag, 0));
    return g_strconcat("-", option->name, shows_tag || shows_id ? " " : "", shows_tag ? tag : "",
                       shows_tag && shows_id ? "," : "", shows_id ? vt_str(root->layer, root->row->id_name) : "",
                       shows_id ? "=" : "", shows_id ? id : "", NULL);
}

/* The label of a value that sets a member of a class: "-global secret.data". */
static char *
member_label(const VtSchema *schema, const VtOption *option, const char *text)
{
    const VtClassInfo *info = NULL;
    const VtProp *prop = NULL;
    size_t len = strcspn(text, "=");

    for (size_t dot = len; !info && dot-- > 0;) {
        if (text[dot] == '.') {
            g_autofree char *name = g_strndup(text, dot);

            info = vt_schema_class(schema, name);
            prop = info ? vt_class_prop(info, text + dot + 1, len - dot - 1) : NULL;
        }
    }
    if (prop && !vt_row_is_sensitive(schema, prop->layer, prop->row)) {
        return start_of(option, text);
    }
    return prop ? g_strdup_printf("-%s %s.%s", option->name, info->name, prop->name)
                : g_strdup_printf("-%s", option->name);
}

char *
vt_option_label(const VtSchema *schema, const VtOption *option, const char *text)
{
    if (!(option->flags & VT_OPTION_SENSITIVE)) {
        return start_of(option, text);
    }
    return option->root ? creation_label(schema, option, text) : member_label(schema, option, text);
}

void
vt_command_line_hide_arguments(VtCommandLine *line)
{
    for (guint i = 0; i < line->arguments->len; i++) {
        const VtArgument *argument = &g_array_index(line->arguments, VtArgument, i);
        char *value = argument->label ? argument->value : NULL; /* a flag has neither */
        const char *shown;
        size_t len;

        if (!value || !(argument->option->flags & VT_OPTION_SENSITIVE)) {
            continue;
        }
        /* In place: /proc/PID/cmdline shows this memory. */
        len = strlen(value);
        shown = argument->label + 1 + strlen(argument->option->name);
        g_strlcpy(value, *shown == ' ' ? shown + 1 : "", len + 1);
        explicit_bzero(value + strlen(value), len - strlen(value));
    }
    g_array_set_size(line->arguments, 0);
}
