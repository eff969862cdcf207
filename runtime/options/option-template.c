/* SPDX-License-Identifier: MIT */
/*
 * Templates of late options: placeholders and guards.
 *
 *     { "create": "ide-hd", "when": { "$value.if": "ide" }, "unless": { "$value.media": "cdrom" },
 *       "value": { "bus": "ide.$value.bus", "unit": "$value.unit", "drive": "$value.id" } }
 */
#include "option-late.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/output.h"

#define INDEX "$index"

/* ---- placeholders -------------------------------------------------------------------------------------- */

static size_t
name_len(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

    while (len && text[len - 1] == '.') {
        len--;
    }
    return len;
}

/* The member at the path @name of @value: borrowed, or NULL. */
static json_object *
member_at(json_object *value, const char *name, size_t len)
{
    while (value && len) {
        size_t part = 0;
        g_autofree char *key = NULL;
        json_object *next = NULL;

        while (part < len && name[part] != '.') {
            part++;
        }
        key = g_strndup(name, part);
        if (!json_object_is_type(value, json_type_object) || !json_object_object_get_ex(value, key, &next)) {
            return NULL;
        }
        value = next;
        part += part < len;
        name += part;
        len -= part;
    }
    return value;
}

static json_object *
machine_value(const VtTemplateScope *scope, const char *name, size_t len)
{
    const VtConfig *machine = scope->machine;
    size_t first = MIN(strcspn(name, "."), len);
    const VtProp *prop = machine ? vt_class_prop(machine->info, name, first) : NULL;
    json_object *whole, *member;

    if (!prop || !vt_config_present(machine, prop)) {
        return NULL;
    }
    whole = vt_output_field(scope->schema, prop->layer, prop->row, vt_config_field(machine, prop), VT_OUTPUT_NAMES);
    if (first == len) {
        return whole;
    }
    member = json_object_get(member_at(whole, name + first + 1, len - first - 1));
    json_object_put(whole);
    return member;
}

/* The value of the placeholder at @text: a new reference, or NULL. *ret_len: length of the placeholder; 0: there is
 * none. */
static json_object *
scope_value(const VtTemplateScope *scope, const char *text, size_t *ret_len)
{
    static const char *const names[] = {"$value", "$machine"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t len = strlen(names[i]), member = 0;

        if (strncmp(text, names[i], len) != 0) {
            continue;
        }
        if (text[len] == '.') {
            member = name_len(text + len + 1);
        }
        *ret_len = len + (member ? member + 1 : 0);
        return i ? machine_value(scope, text + len + 1, member)
                 : json_object_get(member_at(scope->value, text + len + 1, member));
    }
    if (g_str_has_prefix(text, INDEX)) {
        *ret_len = strlen(INDEX);
        return json_object_new_int64(scope->index);
    }
    *ret_len = 0;
    return NULL;
}

/* The text with the values of its placeholders; NULL: one of them has no value. */
static json_object *
fill_text(const VtTemplateScope *scope, const char *text)
{
    g_autoptr(GString) result = g_string_new(NULL);
    size_t len = 0;
    json_object *value = scope_value(scope, text, &len);

    if (len && !text[len]) {
        return value;
    }
    json_object_put(value);
    while (*text) {
        value = *text == '$' ? scope_value(scope, text, &len) : NULL;
        if (*text == '$' && len && !value) {
            return NULL;
        }
        if (value) {
            g_string_append(result, json_object_get_string(value));
            json_object_put(value);
            text += len;
        } else {
            g_string_append_c(result, *text++);
        }
    }
    return json_object_new_string(result->str);
}

/* Adds the members of @part. */
static void
spread(json_object *result, json_object *part)
{
    json_object_object_foreach (part, key, member) {
        json_object_object_add(result, key, json_object_get(member));
    }
}

json_object *
vt_template_fill(const VtTemplateScope *scope, json_object *template)
{
    json_object *result, *part;

    if (json_object_is_type(template, json_type_string)) {
        return fill_text(scope, json_object_get_string(template));
    }
    if (json_object_is_type(template, json_type_object)) {
        result = json_object_new_object();
        json_object_object_foreach (template, key, member) {
            part = vt_template_fill(scope, member);
            if (strcmp(key, VT_SPREAD) == 0 && json_object_is_type(part, json_type_object)) {
                spread(result, part);
                json_object_put(part);
            } else if (part) {
                json_object_object_add(result, key, part);
            }
        }
        return result;
    }
    return json_object_get(template);
}

/* ---- guards -------------------------------------------------------------------------------------------- */

/* Whether @value, NULL where it is absent, is @pattern or one of its elements. */
static bool
equals(json_object *value, json_object *pattern)
{
    if (json_object_is_type(pattern, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(pattern); i++) {
            if (equals(value, json_object_array_get_idx(pattern, i))) {
                return true;
            }
        }
        return false;
    }
    /* An empty text is for a value that is absent. */
    if (!value) {
        return *json_object_get_string(pattern) == '\0';
    }
    return strcmp(json_object_get_string(value), json_object_get_string(pattern)) == 0;
}

static bool
any_of(const VtTemplateScope *scope, json_object *names, bool (*has)(const VtTemplateScope *scope, const char *name))
{
    for (size_t i = 0; i < json_object_array_length(names); i++) {
        if (has(scope, json_object_get_string(json_object_array_get_idx(names, i)))) {
            return true;
        }
    }
    return false;
}

static bool
matches(const VtTemplateScope *scope, const char *name, json_object *pattern)
{
    json_object *value;
    size_t len;
    bool match;

    if (strcmp(name, "$options") == 0) {
        return any_of(scope, pattern, scope->uses);
    }
    if (g_str_has_prefix(name, "$options.")) {
        return scope->uses(scope, strchr(name, '.') + 1) == json_object_get_boolean(pattern);
    }
    if (strcmp(name, "$objects") == 0) {
        return any_of(scope, pattern, scope->creates);
    }
    value = scope_value(scope, name, &len);
    match = equals(value, pattern);
    json_object_put(value);
    return match;
}

bool
vt_template_applies(const VtTemplateScope *scope, json_object *template)
{
    json_object *when = NULL, *unless = NULL;

    json_object_object_get_ex(template, "when", &when);
    json_object_object_get_ex(template, "unless", &unless);
    if (when) {
        json_object_object_foreach (when, name, pattern) {
            if (!matches(scope, name, pattern)) {
                return false;
            }
        }
    }
    if (unless) {
        json_object_object_foreach (unless, name, pattern) {
            if (matches(scope, name, pattern)) {
                return false;
            }
        }
    }
    return true;
}
