/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: one JSON object with options as its members.  An option that may occur several times has a list
 * of values.
 */
#include "frozen-file.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json-walk.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"
#include "vt-runtime/wipe.h"

#define TEXT_SHOWN 60 /* longest value that an error shows */

typedef struct Position {
    const char *at;
    unsigned line, column;
    bool fixed; /* the text is not that of the file */
} Position;

/* Advances to @to, which is not before the current position.  Columns count characters. */
static void
position_move(Position *position, const char *to)
{
    for (; !position->fixed && position->at < to; position->at++) {
        if (*position->at == '\n') {
            position->line++;
            position->column = 1;
        } else if (((unsigned char)*position->at & 0xC0) != 0x80) {
            position->column++;
        }
    }
}

/* Whether the value is an object, if it states what the option creates.  Not every such option takes text in a file. */
static bool
check_object(const VtCommandLine *line, const VtOption *option, VtSpan value, const char *place, GError **error)
{
    const VtClassInfo *root = vt_option_class(line, option);
    bool is_text = value.text[0] == '"';
    bool hidden = root && vt_class_root_is_sensitive(root);

    if (!root || !option->implied_key || value.text[0] == '{' || option->class_suffixes ||
        option->flags & VT_OPTION_EXPANDS) {
        return true;
    }
    if (hidden || !is_text || value.len > TEXT_SHOWN) {
        return vt_error_set(error, "%s: expected an object with the member '%s'", place, option->implied_key);
    }
    return vt_error_set(error, "%s: expected an object with the member '%s', got a string '%.*s'", place,
                        option->implied_key, (int)value.len - 2, value.text + 1);
}

static bool
apply_value(VtCommandLine *line, const VtOption *option, VtSpan value, Position *position, const char *path,
            const char *member, GError **error)
{
    g_autofree char *place = NULL;
    VtSource *source;
    bool taken, ok;

    position_move(position, value.text);
    if (option->flags & VT_OPTION_FLAG) {
        /* Applies a flag only if it is true. */
        if (value.len == 5 && memcmp(value.text, "false", 5) == 0) {
            line->wants_defaults |= option->otherwise != NULL;
            return true;
        }
        if (value.len != 4 || memcmp(value.text, "true", 4) != 0) {
            return vt_error_set(error, "%s:%u:%u: %s: expected true or false", path, position->line, position->column,
                                member);
        }
    }
    place = g_strdup_printf("%s:%u:%u: %s", path, position->line, position->column, member);
    if (!check_object(line, option, value, place, error)) {
        return false;
    }
    source = vt_source_new_text(value.text, value.len, option->implied_key, path);
    source->place = g_string_chunk_insert_const(line->labels, place);
    source->path = g_strdup(member);
    source->line = position->line;
    source->column = position->column;
    ok = vt_overlay_apply(line, option, source, &taken, error);
    if (!ok || taken) {
        vt_source_unref(source);
        return ok;
    }
    return vt_option_apply(line, option, source, 0, error);
}

static bool
apply_member(VtCommandLine *line, VtSpan key, VtSpan value, Position *position, const char *path, GError **error)
{
    g_autofree char *name = g_strndup(key.text, key.len);
    const VtOption *option = vt_program_option(line->program, name);

    position_move(position, key.text - 1);
    if (!option) {
        g_autofree char *prefix = g_strdup_printf("%s:%u:%u: ", path, position->line, position->column);
        g_autoptr(GError) unknown = NULL;

        vt_option_unknown(line->program, "", name, &unknown);
        return vt_error_set(error, "%s%s", prefix, unknown->message);
    }
    if (option->role == VT_ROLE_CONFIGURATION || option->role == VT_ROLE_HELP || option->role == VT_ROLE_CHANGE) {
        return vt_error_set(error, "%s:%u:%u: %s: not supported in a configuration file", path, position->line,
                            position->column, name);
    }
    if ((option->flags & VT_OPTION_MULTIPLE) && value.text[0] == '[') {
        VtJsonWalk walk;
        VtSpan none, element;
        unsigned index = 0;

        line->used[option - line->program->options] = true;
        vt_json_walk_init(&walk, value.text, value.len);
        while (vt_json_walk_next(&walk, &none, &element)) {
            g_autofree char *member = g_strdup_printf("%s[%u]", name, index++);

            if (!apply_value(line, option, element, position, path, member, error)) {
                return false;
            }
        }
        return true;
    }
    return apply_value(line, option, value, position, path, name, error);
}

/* The end of the comment or string at @text. */
static char *
end_of(char *text, char *end)
{
    char *close;

    if (*text == '"') {
        for (text++; text < end && *text != '"'; text++) {
            text += *text == '\\';
        }
        return MIN(text + 1, end);
    }
    if (text[1] == '/') {
        close = memchr(text, '\n', (size_t)(end - text));
        return close ? close : end;
    }
    close = g_strstr_len(text + 2, end - text - 2, "*/");
    return close ? close + 2 : NULL;
}

/* Overwrites comments with spaces: one for each character, so that positions stay correct. */
static bool
blank_comments(const char *name, GString *text, GError **error)
{
    char *to = text->str, *end = text->str + text->len;
    Position position = {text->str, 1, 1, false};

    for (char *p = text->str; p < end;) {
        bool comment = *p == '/' && (p[1] == '/' || p[1] == '*');
        char *after = comment || *p == '"' ? end_of(p, end) : p + 1;

        if (!after) {
            position_move(&position, to);
            return vt_error_set(error, "%s:%u:%u: the comment has no end", name, position.line, position.column);
        }
        for (; p < after; p++) {
            if (!comment || *p == '\n') {
                *to++ = *p;
            } else if (((unsigned char)*p & 0xC0) != 0x80) {
                *to++ = ' ';
            }
        }
    }
    memset(to, ' ', (size_t)(end - to));
    return true;
}

bool
vt_config_file_apply(VtCommandLine *line, const char *path, GError **error)
{
    GString *text = vt_option_file_read(path, error);
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    bool ok = text && blank_comments(name, text, error);

    if (ok) {
        vt_overlay_begin(line);
        ok = vt_config_text_apply(line, name, text->str, text->len, error);
        vt_overlay_end(line);
    }
    vt_wipe_string(text);
    return ok;
}

static bool apply_text(VtCommandLine *line, const char *name, const char *text, size_t len, bool own, GError **error);

/* Applies the configuration file that says what @tree, the answer of query-effective-config, does. */
static bool
apply_effective(VtCommandLine *line, const char *name, json_object *tree, GError **error)
{
    json_object *file = vt_option_effective_file(line, tree, name, error);
    g_autofree char *text = file ? vt_json_text(file) : NULL;

    json_object_put(file);
    return text && apply_text(line, name, text, strlen(text), false, error);
}

/* @own: the text is that of the file, so that positions in it are known. */
static bool
apply_text(VtCommandLine *line, const char *name, const char *text, size_t len, bool own, GError **error)
{
    json_object *tree;
    bool is_object, ok;
    VtJsonWalk walk;
    VtSpan key, value;
    Position position = {text, 1, 1, !own};
    g_autoptr(GError) failure = NULL;

    /* The parser checks the whole document first.  The walk then finds the positions of its values. */
    tree = vt_json_parse_private(text, len, name, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    is_object = json_object_is_type(tree, json_type_object);
    if (is_object && own && vt_option_is_effective(line, tree)) {
        ok = apply_effective(line, name, tree, error);
        json_object_put(tree);
        return ok;
    }
    ok = !is_object || vt_option_take_frozen(line, tree, name, error);
    json_object_put(tree);
    if (!ok) {
        return false;
    }
    if (!is_object) {
        return vt_error_set(error, "%s:1:1: expected an object whose members are options", name);
    }
    vt_json_walk_init(&walk, text, len);
    while (vt_json_walk_next(&walk, &key, &value)) {
        g_autofree char *member = g_strndup(key.text, key.len);

        if (!vt_option_is_frozen(member) && !apply_member(line, key, value, &position, name, error)) {
            return false;
        }
    }
    return true;
}

bool
vt_config_text_apply(VtCommandLine *line, const char *name, const char *text, size_t len, GError **error)
{
    return apply_text(line, g_string_chunk_insert_const(line->labels, name), text, len, true, error);
}
