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

#include "vt-runtime/json-walk.h"
#include "text/keyval.h"
#include "visit/visit-private.h"

#define LABEL_CHARS 48 /* of a value's text */
#define LABEL_BYTES 1024
#define WORD_BYTES  64 /* limit of a class name or id */

/* Returns a pointer to the NUL after the copy. */
static char *
append_bytes(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    at[len] = '\0';
    return at + len;
}

/* Returns a pointer to the NUL after "-NAME". */
static char *
start_label(char *label, const VtOption *option)
{
    size_t len = strlen(option->name);

    g_assert(len < UINT8_MAX);
    *label = '-';
    return append_bytes(label + 1, option->name, len);
}

/* The label "-NAME TEXT". */
static const char *
label(VtCommandLine *line, const VtOption *option, const char *text, size_t len)
{
    char full[LABEL_BYTES], *at = start_label(full, option);

    g_assert((size_t)(at - full) + len + 2 <= sizeof full);
    if (len) {
        *at = ' ';
        at = append_bytes(at + 1, text, len);
    }
    return g_string_chunk_insert_len(line->labels, full, at - full);
}

static const char *
start_of(VtCommandLine *line, const VtOption *option, const char *text)
{
    char start[LABEL_CHARS * 4UL + sizeof "…"];
    g_autofree char *safe = NULL;
    const char *end;

    if (!(option->flags & VT_OPTION_MULTIPLE) || !g_utf8_validate(text, -1, NULL)) {
        return label(line, option, "", 0);
    }
    text = end = safe = vt_hide_passwords(g_strdup(text));
    for (unsigned i = 0; *end && i < LABEL_CHARS; i++) {
        end = g_utf8_find_next_char(end, NULL);
    }
    append_bytes(append_bytes(start, text, (size_t)(end - text)), "…", *end ? strlen("…") : 0);
    return label(line, option, start, strlen(start));
}

/* ---- class and id --------------------------------------------------------------------------------------- */

/* The names of members, and their values. */
typedef struct Names {
    const char *tag_key, *id_key;
    size_t tag_len, id_len;
    VtSpan tag, id; /* .text is NULL: the text has no such member */
} Names;

/* Keeps the value of the member, if it is the first such member.  @len: 0 if it is no text. */
static void
keep(Names *names, const VtSpan *key, const char *text, size_t len)
{
    if (key->len == names->tag_len && !names->tag.text && memcmp(key->text, names->tag_key, key->len) == 0) {
        names->tag = (VtSpan){text, len};
    } else if (key->len == names->id_len && !names->id.text && memcmp(key->text, names->id_key, key->len) == 0) {
        names->id = (VtSpan){text, len};
    }
}

static bool
has_both(const Names *names)
{
    return names->tag.text && names->id.text;
}

/* The text may be invalid JSON. */
static void
find_json(Names *names, const char *text)
{
    VtJsonWalk walk;
    VtSpan name, value;

    vt_json_walk_init(&walk, text, strlen(text));
    while (!has_both(names) && vt_json_walk_next(&walk, &name, &value)) {
        bool is_text = value.len > 2 && value.text[0] == '"';

        keep(names, &name, value.text + 1, is_text ? value.len - 2 : 0);
    }
}

static void
find_keyval(Names *names, const char *text, const char *implied_key)
{
    for (const char *item = text; *item && !has_both(names);) {
        const char *end = vt_keyval_item_end(item), *equals = memchr(item, '=', (size_t)(end - item));
        VtSpan key = {item, (size_t)((equals ? equals : item) - item)};

        if (equals) {
            keep(names, &key, equals + 1, (size_t)(end - equals) - 1);
        } else if (item == text && implied_key) {
            key = (VtSpan){implied_key, strlen(implied_key)};
            keep(names, &key, item, (size_t)(end - item));
        }
        item = end + (*end == ',');
    }
}

static bool
is_class(const VtSchema *schema, const VtClassInfo *root, const char *tag)
{
    return vt_schema_class_by_tag(schema, root, tag) || vt_schema_class_by_alias(schema, root, tag, 0);
}

/* The label "-NAME CLASS,id=ID". */
static const char *
creation_label(VtCommandLine *line, const VtOption *option, const char *text)
{
    const VtClassInfo *root = vt_option_class(line, option);
    char full[LABEL_BYTES], *begins = start_label(full, option), *at = begins;
    Names names = {.tag_key = vt_str(root->layer, root->row->tag_name),
                   .id_key = vt_str(root->layer, root->row->id_name)};

    names.tag_len = strlen(names.tag_key);
    names.id_len = strlen(names.id_key);
    g_assert(names.id_len < UINT8_MAX);
    if (*text == '{') {
        find_json(&names, text);
    } else {
        find_keyval(&names, text, option->implied_key);
    }
    if (names.tag.len && names.tag.len < WORD_BYTES) {
        char *end = append_bytes(at + 1, names.tag.text, names.tag.len);

        if (is_class(line->schema, root, at + 1)) {
            *at = ' ';
            at = end;
        }
    }
    if (names.id.len && names.id.len < WORD_BYTES) {
        char *id = append_bytes(at + 1, names.id_key, names.id_len), *end;

        *id++ = '=';
        end = append_bytes(id, names.id.text, names.id.len);
        if (vt_id_is_well_formed(id, names.id.len)) {
            *at = at == begins ? ' ' : ',';
            at = end;
        }
    }
    return g_string_chunk_insert_len(line->labels, full, at - full);
}

/* The label of a value that sets a member of a class: "-global secret.data". */
static const char *
member_label(VtCommandLine *line, const VtOption *option, const char *text)
{
    const VtSchema *schema = line->schema;
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
        return start_of(line, option, text);
    }
    if (prop) {
        g_autofree char *member = g_strconcat(info->name, ".", prop->name, NULL);

        return label(line, option, member, strlen(member));
    }
    return label(line, option, "", 0);
}

bool
vt_option_is_plain(const VtCommandLine *line, const VtOption *option, const char *text)
{
    if (option->role == VT_ROLE_GLOBAL) {
        /* CLASS.MEMBER=VALUE */
        const char *dot = g_strrstr_len(text, (gssize)strcspn(text, "=,"), ".");

        text = dot ? dot + 1 : text;
    }
    return vt_schema_keys_are_plain(line->schema, text, strlen(text));
}

const char *
vt_option_label(VtCommandLine *line, const VtOption *option, const char *text)
{
    if (!(option->flags & VT_OPTION_SENSITIVE)) {
        return start_of(line, option, text);
    }
    return option->root ? creation_label(line, option, text) : member_label(line, option, text);
}

void
vt_command_line_hide_arguments(VtCommandLine *line)
{
    for (guint i = 0; i < line->arguments->len; i++) {
        VtArgument *argument = &g_array_index(line->arguments, VtArgument, i);
        char *value = argument->label ? g_steal_pointer(&argument->value) : NULL; /* a flag has neither */
        const char *shown;
        size_t len, shown_len;

        if (!value || !(argument->option->flags & VT_OPTION_SENSITIVE)) {
            continue;
        }
        /* In place: /proc/PID/cmdline shows this memory. */
        len = strlen(value);
        shown = argument->label + 1 + strlen(argument->option->name);
        shown += *shown == ' ';
        shown_len = MIN(strlen(shown), len);
        memcpy(value, shown, shown_len);
        explicit_bzero(value + shown_len, len - shown_len);
    }
}
