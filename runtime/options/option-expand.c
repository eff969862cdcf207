/* SPDX-License-Identifier: MIT */
/*
 * Shorthand options: their values expand to values of other options, by templates of the schema.
 */
#include "option-late.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/wipe.h"
#include "vt-runtime/output.h"

/* The members of @written, with their decoded values.  Defaults of the option's own type are omitted, so that two uses
 * of the option merge. */
static json_object *
written_part(json_object *decoded, json_object *written)
{
    json_object *result, *value;

    if (!json_object_is_type(decoded, json_type_object) || !json_object_is_type(written, json_type_object)) {
        return json_object_get(decoded);
    }
    result = json_object_new_object();
    json_object_object_foreach (decoded, key, member) {
        if (json_object_object_get_ex(written, key, &value)) {
            json_object_object_add(result, key, written_part(member, value));
        }
    }
    return result;
}

json_object *
vt_option_decode(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error)
{
    const VtSchema *schema = line->schema;
    g_autoptr(VtInput) input = NULL;
    json_object *written, *decoded, *result;
    g_autofree void *data = NULL;

    /* The option that a plain value expands to checks it. */
    bool plain = !option->type || vt_schema_type(schema, option->type)->kind == VT_TYPE_ENUM;

    if (plain && source->text && !source->line) {
        return vt_wipe_json_string(source->text, strlen(source->text));
    }
    if (plain) {
        return vt_source_tree(source, error);
    }
    written = vt_source_tree(source, error);
    input = written ? vt_source_open(source, error) : NULL;
    if (!input) {
        json_object_put(written);
        return NULL;
    }
    data = g_malloc0(vt_schema_type(schema, option->type)->size);
    if (!vt_input_visit_type(input, schema, NULL, option->type, data, error)) {
        json_object_put(written);
        return NULL;
    }
    decoded = vt_output_type(schema, option->type, data, 0);
    vt_struct_clear(schema, option->type, data);
    result = written_part(decoded, written);
    json_object_put(decoded);
    json_object_put(written);
    return result;
}

/* The value of the placeholders '$value' and '$value.MEMBER': a new reference, or NULL if the member is absent.
 * Returns false if @text is not a placeholder. */
static bool
placeholder(const char *text, json_object *value, json_object **ret_value)
{
    if (strncmp(text, "$value", 6) != 0 || (text[6] && text[6] != '.')) {
        return false;
    }
    *ret_value = NULL;
    if (!text[6]) {
        *ret_value = json_object_get(value);
    } else if (json_object_is_type(value, json_type_object) && json_object_object_get_ex(value, text + 7, ret_value)) {
        json_object_get(*ret_value);
    }
    return true;
}

/* @template with its placeholders replaced.  Drops members and elements whose placeholder has no value. */
static json_object *
fill(json_object *template, json_object *value)
{
    json_object *result = NULL, *part;

    if (json_object_is_type(template, json_type_string) &&
        placeholder(json_object_get_string(template), value, &result)) {
        return result;
    }
    if (json_object_is_type(template, json_type_object)) {
        result = json_object_new_object();
        json_object_object_foreach (template, key, member) {
            part = fill(member, value);
            if (part) {
                json_object_object_add(result, key, part);
            }
        }
    } else if (json_object_is_type(template, json_type_array)) {
        result = json_object_new_array();
        for (size_t i = 0; i < json_object_array_length(template); i++) {
            part = fill(json_object_array_get_idx(template, i), value);
            if (part) {
                json_object_array_add(result, part);
            }
        }
    } else {
        result = json_object_get(template);
    }
    return result;
}

/* @templates with their placeholders replaced.  Drops templates whose placeholder has no value. */
static json_object *
fill_all(json_object *templates, json_object *value)
{
    json_object *result = json_object_new_array();

    for (size_t i = 0; i < json_object_array_length(templates); i++) {
        json_object *item, *name, *pattern, *part;

        json_object_object_get_ex(json_object_array_get_idx(templates, i), "option", &name);
        json_object_object_get_ex(json_object_array_get_idx(templates, i), "value", &pattern);
        part = fill(pattern, value);
        if (part) {
            item = json_object_new_object();
            json_object_object_add(item, "option", json_object_get(name));
            json_object_object_add(item, "value", part);
            json_object_array_add(result, item);
        }
    }
    return result;
}

static unsigned
next_index(VtCommandLine *line, const VtOption *option)
{
    if (option->counted_with) {
        option = vt_program_option(line->program, option->counted_with);
    }
    return line->uses[option - line->program->options]++;
}

json_object *
vt_option_form(const VtOption *option, const VtSource *source, const char *text, GError **error)
{
    json_object *settings = vt_form_match(option->forms, text, error);

    if (!settings) {
        g_prefix_error(error, "%s: ", vt_source_place(source));
    }
    return settings;
}

/* Applies the templates to the settings that the text stands for. */
static json_object *
expand_form(VtCommandLine *line, const VtOption *option, json_object *templates, json_object *settings)
{
    VtTemplateScope scope = {.schema = line->schema, .value = settings, .index = next_index(line, option)};
    json_object *result = json_object_new_array();

    for (size_t i = 0; i < json_object_array_length(templates); i++) {
        json_object *template = json_object_array_get_idx(templates, i), *name, *pattern, *item;

        if (vt_template_applies(&scope, template)) {
            json_object_object_get_ex(template, "option", &name);
            json_object_object_get_ex(template, "value", &pattern);
            item = json_object_new_object();
            json_object_object_add(item, "option", json_object_get(name));
            json_object_object_add(item, "value", vt_template_fill(&scope, pattern));
            json_object_array_add(result, item);
        }
    }
    return result;
}

/* The templates of the option, or the result of the option's function for the value. */
static json_object *
templates_of(VtCommandLine *line, const VtOption *option, json_object *value, const VtSource *source, GError **error)
{
    json_object *templates;

    if (!option->expand) {
        return vt_json_parse(option->expands_to, strlen(option->expands_to), option->name, error);
    }
    templates = option->expand(json_object_get_string(value), next_index(line, option), error);
    if (!templates) {
        g_prefix_error(error, "%s: ", vt_source_place(source));
    }
    return templates;
}

/* An option that also creates objects expands strings only: an object is a creation. */
bool
vt_option_expands(const VtOption *option, const VtSource *source)
{
    char first = source->text ? source->text[0] : '\0';

    if (!(option->flags & VT_OPTION_EXPANDS) || !(option->flags & VT_OPTION_CREATES)) {
        return option->flags & VT_OPTION_EXPANDS;
    }
    if (source->expanded) {
        return false;
    }
    if (source->tree) {
        return json_object_is_type(source->tree, json_type_string);
    }
    return source->line ? first == '"' : first != '{';
}

json_object *
vt_option_expansion(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error)
{
    json_object *value = vt_option_decode(line, option, source, error), *templates = NULL, *settings, *expansion = NULL;

    if (value && (option->expand || option->forms) && !json_object_is_type(value, json_type_string)) {
        vt_error_set(error, "%s: expected a string", vt_source_place(source));
    } else if (value) {
        templates = templates_of(line, option, value, source, error);
    }
    if (templates && option->forms) {
        settings = vt_option_form(option, source, json_object_get_string(value), error);
        expansion = settings ? expand_form(line, option, templates, settings) : NULL;
        json_object_put(settings);
    } else if (templates && option->expand) {
        /* A function returns templates without placeholders. */
        expansion = json_object_get(templates);
    } else if (templates) {
        expansion = fill_all(templates, value);
    }
    json_object_put(value);
    json_object_put(templates);
    return expansion;
}
