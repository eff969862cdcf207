/* SPDX-License-Identifier: MIT */
/*
 * Parameters of the context: the machine's name, accelerator and members, and -global.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/json-walk.h"
#include "text/keyval.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* ---- machine ------------------------------------------------------------------------------------------- */

/* Overwrites the member @key of a valid object with spaces, so that the positions of other members stay correct.
 * Returns the offset of its value, or 0. */
static size_t
blank_member(char *text, const char *key)
{
    VtJsonWalk walk;
    VtSpan name, value;
    size_t key_len = strlen(key);
    char *comma = NULL;

    vt_json_walk_init(&walk, text, strlen(text));
    while (vt_json_walk_next(&walk, &name, &value)) {
        const char *after = value.text + value.len;

        if (name.len == key_len && memcmp(name.text, key, key_len) == 0) {
            char *start = text + (name.text - 1 - text);

            for (char *p = start; p < after; p++) {
                if (*p != '\n') {
                    *p = ' ';
                }
            }
            /* Removes the next or previous comma too. */
            start = text + (after - text);
            start += strspn(start, " \t\r\n");
            if (*start == ',') {
                *start = ' ';
            } else if (comma) {
                *comma = ' ';
            }
            return (size_t)(value.text - text);
        }
        comma = text + (after - text);
        comma += strspn(comma, " \t\r\n");
    }
    return 0;
}

/* The position "vm.json:2:22: machine.type" of a member at @offset of a file's value.  Without a file: the name of the
 * source. */
static char *
member_where(const VtSource *source, const char *key, size_t offset)
{
    unsigned line = source->line, column = source->column;

    if (!line) {
        return g_strdup(source->where);
    }
    for (size_t i = 0; i < offset; i++) {
        if (source->text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)source->text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    return g_strdup_printf("%s:%u:%u: %s.%s", source->where, line, column, source->path, key);
}

/* ',,' is not a separator, and names have no commas, so no full parser is required. */
char *
vt_source_cut(VtSource *source, const char *key)
{
    GString *rest = g_string_new(NULL);
    const char *item = source->text;
    size_t key_len = strlen(key);
    char *name = NULL;

    while (*item) {
        size_t len = (size_t)(vt_keyval_item_end(item) - item);

        if (item == source->text && g_strcmp0(source->implied_key, key) == 0 && !memchr(item, '=', len)) {
            g_free(name);
            name = g_strndup(item, len);
        } else if (len > key_len && item[key_len] == '=' && strncmp(item, key, key_len) == 0) {
            g_free(name);
            name = g_strndup(item + key_len + 1, len - key_len - 1);
        } else {
            g_string_append_printf(rest, "%s%.*s", rest->len ? "," : "", (int)len, item);
        }
        item += len + (item[len] == ',');
    }
    vt_source_set_text(source, g_string_free(rest, FALSE));
    if (g_strcmp0(source->implied_key, key) == 0) {
        source->implied_key = NULL;
    }
    return name;
}

/* The value in key=value syntax.  NULL: it is not a string or, with @plain, a boolean or integer. */
static char *
value_text(json_object *value, bool plain)
{
    if (plain && json_object_is_type(value, json_type_boolean)) {
        return g_strdup(json_object_get_boolean(value) ? "on" : "off");
    }
    return json_object_is_type(value, json_type_string) || (plain && json_object_is_type(value, json_type_int))
               ? g_strdup(json_object_get_string(value))
               : NULL;
}

/* Fails if key=value text has the key several times. */
static bool
check_once(const VtSource *source, const char *key, GError **error)
{
    size_t key_len = strlen(key), n = 0;

    for (const char *item = source->text; *item;) {
        size_t len = (size_t)(vt_keyval_item_end(item) - item);
        bool implied = item == source->text && g_strcmp0(source->implied_key, key) == 0 && !memchr(item, '=', len);

        n += implied || (len > key_len && item[key_len] == '=' && strncmp(item, key, key_len) == 0);
        item += len + (item[len] == ',');
    }
    return n < 2 || vt_error_set(error, "%s: %s: given %zu times; expected one value", source->where, key, n);
}

/* Removes the string member @key from the source; with @plain, also a boolean or integer.  *ret_value: its value, which
 * the caller frees, or NULL.  *ret_offset: the offset of the value. */
static bool
take_member(VtSource *source, const char *key, bool plain, char **ret_value, size_t *ret_offset, GError **error)
{
    json_object *tree, *value;
    bool ok = true;

    *ret_value = NULL;
    *ret_offset = 0;
    if (vt_source_is_text(source)) {
        if (!check_once(source, key, error)) {
            return false;
        }
        *ret_value = vt_source_cut(source, key);
        return true;
    }
    tree = vt_source_tree(source, error);
    if (!tree) {
        return false;
    }
    if (!json_object_is_type(tree, json_type_object)) {
        ok = vt_error_set(error, "%s: expected an object", vt_source_place(source));
    } else if (json_object_object_get_ex(tree, key, &value)) {
        *ret_value = value_text(value, plain);
        if (*ret_value) {
            if (source->text) {
                *ret_offset = blank_member(source->text, key);
            } else {
                json_object_object_del(tree, key);
            }
        } else {
            ok = vt_error_set(error, "%s: %s: expected a string", vt_source_place(source), key);
        }
    }
    json_object_put(tree);
    return ok;
}

bool
vt_option_take_machine(VtCommandLine *line, const VtClassInfo *root, VtSource *source, GError **error)
{
    const char *tag = vt_str(root->layer, root->row->tag_name);
    g_autofree char *name = NULL;
    const VtOption *by_accel = vt_program_role(line->program, VT_ROLE_ACCELERATOR);
    g_autofree char *accel = NULL;
    size_t offset;

    /* vt_option_take_frozen() has read 'internal' of a frozen file.  In other files, it is an unknown member. */
    if (source->line && line->frozen && strcmp(source->where, line->frozen_where) == 0) {
        blank_member(source->text, "internal");
    }
    if (!take_member(source, tag, false, &name, &offset, error)) {
        return false;
    }
    if (name) {
        g_free(line->replaced_machine);
        line->replaced_machine = g_steal_pointer(&line->machine_name);
        g_free(line->machine_where);
        line->machine_name = g_steal_pointer(&name);
        line->machine_where = member_where(source, tag, offset);
    }
    if (!by_accel) {
        return true;
    }
    if (!take_member(source, by_accel->key, false, &accel, &offset, error)) {
        return false;
    }
    if (accel) {
        g_autofree char *where = member_where(source, by_accel->key, offset);

        return vt_option_add_machine_accel(line, by_accel, accel, where, error);
    }
    return true;
}

/* ---- globals ------------------------------------------------------------------------------------------- */

static bool
add_global(VtCommandLine *line, const char *driver, const char *property, const char *value, const char *where,
           bool implied)
{
    VtGlobalSource *global = g_new0(VtGlobalSource, 1);

    global->driver = g_strdup(driver);
    global->property = g_strdup(property);
    global->value = g_strdup(value);
    global->where = g_strdup(where);
    global->implied = implied;
    g_ptr_array_add(line->globals, global);
    return true;
}

json_object *
vt_option_global(const char *driver, const char *property, const char *value)
{
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "driver", driver);
    vt_json_add_text(row, "property", property);
    vt_json_add_text(row, "value", value);
    return row;
}

/* Adds "driver.property=value".  A class name may contain dots, so the longest name that is a class is used. */
static bool
add_short(VtCommandLine *line, const VtSource *source, bool implied, GError **error)
{
    const char *equals = strchr(source->text, '=');
    const char *dot = memchr(source->text, '.', equals - source->text);
    g_autofree char *driver = NULL;
    g_autofree char *property = NULL;

    if (!dot) {
        return vt_error_set(error, "%s: expected DRIVER.PROPERTY=VALUE", vt_source_place(source));
    }
    for (const char *p = dot; p && p < equals; p = memchr(p + 1, '.', equals - p - 1)) {
        g_autofree char *name = g_strndup(source->text, p - source->text);

        if (vt_schema_class(line->schema, name)) {
            dot = p;
        }
    }
    driver = g_strndup(source->text, dot - source->text);
    property = g_strndup(dot + 1, equals - dot - 1);
    return add_global(line, driver, property, equals + 1, source->where, implied);
}

static bool
add_tree(VtCommandLine *line, const VtSource *source, json_object *tree, bool implied, GError **error)
{
    static const char *const keys[] = {"driver", "property", "value", NULL};
    const char *text[3] = {NULL, NULL, NULL};
    g_autofree char *number = NULL;

    if (!json_object_is_type(tree, json_type_object)) {
        return vt_error_set(error, "%s: expected an object", vt_source_place(source));
    }
    json_object_object_foreach (tree, key, member) {
        unsigned i = 0;

        while (keys[i] && strcmp(keys[i], key) != 0) {
            i++;
        }
        if (!keys[i]) {
            const char *nearest = vt_nearest(key, keys);

            return nearest ? vt_error_set(error, "%s: %s: unknown member; did you mean '%s'?", vt_source_place(source),
                                          key, nearest)
                           : vt_error_set(error, "%s: %s: unknown member", vt_source_place(source), key);
        }
        if (json_object_is_type(member, json_type_string)) {
            text[i] = json_object_get_string(member);
        } else if (i == 2 && json_object_is_type(member, json_type_boolean)) {
            text[i] = json_object_get_boolean(member) ? "on" : "off";
        } else if (i == 2 && member) {
            g_free(number);
            number = vt_json_text(member);
            text[i] = number;
        } else {
            return vt_error_set(error, "%s: %s: expected a string", vt_source_place(source), key);
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        if (!text[i]) {
            return vt_error_set(error, "%s: missing member '%s'", vt_source_place(source), keys[i]);
        }
    }
    return add_global(line, text[0], text[1], text[2], source->where, implied);
}

/* Takes the member @key.  Older releases also accept '_' instead of '-'. */
static bool
take_global(VtSource *source, const char *key, char **ret_value, size_t *ret_offset, GError **error)
{
    g_autofree char *older = g_strdelimit(g_strdup(key), "-", '_');

    return take_member(source, key, true, ret_value, ret_offset, error) &&
           (*ret_value || take_member(source, older, true, ret_value, ret_offset, error));
}

bool
vt_option_take_globals(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error)
{
    for (const char *const *each = option->globals; *each; each += 3) {
        g_autofree char *value = NULL;
        g_autofree char *where = NULL;
        size_t offset;

        if (!take_global(source, each[0], &value, &offset, error)) {
            return false;
        }
        if (value) {
            where = source->line ? member_where(source, each[0], offset)
                                 : g_strdup_printf("%s: %s", source->where, each[0]);
            add_global(line, each[1], each[2], value, where, true);
        }
    }
    return true;
}

bool
vt_option_add_global(VtCommandLine *line, const VtSource *source, bool implied, GError **error)
{
    json_object *tree;
    bool ok;

    if (vt_source_is_text(source)) {
        const char *equals = strchr(source->text, '=');
        size_t len = equals ? (size_t)(equals - source->text) : 0;

        if (!equals) {
            return vt_error_set(error, "%s: expected DRIVER.PROPERTY=VALUE", vt_source_place(source));
        }
        if (memchr(source->text, '.', len)) {
            return add_short(line, source, implied, error);
        }
    }
    tree = vt_source_tree(source, error);
    if (!tree) {
        return false;
    }
    ok = add_tree(line, source, tree, implied, error);
    json_object_put(tree);
    return ok;
}
