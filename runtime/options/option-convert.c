/* SPDX-License-Identifier: MIT */
/*
 * Writes the values of the user as a configuration file, as arguments, or as QMP commands.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

/* ---- configuration file -------------------------------------------------------------------------------- */

/* Whether a later value of the option changes members of an earlier one, and does not replace it. */
static bool
is_merged(const VtCommandLine *line, const VtOption *option)
{
    return !(option->flags & VT_OPTION_CREATES) || vt_class_is_machine(vt_schema_class(line->schema, option->root));
}

/* Adds the members of @value to the value @old of @option.  The order of the members is that of the schema. */
static bool
merge_value(VtCommandLine *line, json_object *config, const VtOption *option, json_object *old, json_object *value,
            VtContext *ctx, GError **error)
{
    VtGiven given = {option, NULL};
    json_object *values;

    vt_tree_merge(old, value);
    given.source = vt_source_new_tree(old, option->name);
    values = vt_given_values(line, &given, ctx, error);
    vt_source_unref(given.source);
    if (values) {
        json_object_object_add(config, option->name, json_object_get(json_object_array_get_idx(values, 0)));
    }
    json_object_put(values);
    return values;
}

static bool
add_value(VtCommandLine *line, json_object *config, const VtOption *option, json_object *value, VtContext *ctx,
          GError **error)
{
    json_object *old = NULL;

    json_object_object_get_ex(config, option->name, &old);
    if (option->flags & VT_OPTION_MULTIPLE) {
        if (!old) {
            old = json_object_new_array();
            json_object_object_add(config, option->name, old);
        }
        json_object_array_add(old, json_object_get(value));
    } else if (json_object_is_type(old, json_type_object) && json_object_is_type(value, json_type_object) &&
               is_merged(line, option)) {
        return merge_value(line, config, option, old, value, ctx, error);
    } else {
        json_object_object_add(config, option->name, json_object_get(value));
    }
    return true;
}

bool
vt_command_line_is_frozen(const VtCommandLine *line)
{
    return line->frozen;
}

json_object *
vt_command_line_convert(VtCommandLine *line, GError **error)
{
    g_autoptr(VtContext) ctx = NULL;

    if (line->frozen) {
        vt_error_set(error, "%s: a frozen file has values that no option can set, so it cannot be converted",
                     line->frozen_where);
        return NULL;
    }
    ctx = vt_command_line_context(line, NULL, error);
    return ctx ? vt_command_line_convert_in(line, ctx, error) : NULL;
}

json_object *
vt_command_line_convert_in(VtCommandLine *line, VtContext *ctx, GError **error)
{
    json_object *config = json_object_new_object();

    for (guint i = 0; i < line->given->len; i++) {
        const VtGiven *given = &g_array_index(line->given, VtGiven, i);
        json_object *values = vt_given_values(line, given, ctx, error);
        bool ok = values;

        /* An argument replaces earlier values; an element of a list in a file adds to them. */
        if (given->option->separator && !given->source->line) {
            json_object_object_del(config, given->option->name);
        }
        for (size_t j = 0; ok && j < json_object_array_length(values); j++) {
            ok = add_value(line, config, given->option, json_object_array_get_idx(values, j), ctx, error);
        }
        json_object_put(values);
        if (!ok) {
            json_object_put(config);
            return NULL;
        }
    }
    return config;
}

/* ---- arguments ----------------------------------------------------------------------------------------- */

/* The words of a list, in one argument. */
static char *
joined_words(const VtOption *option, json_object *list)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        if (i) {
            g_string_append_c(text, option->separator);
        }
        g_string_append(text, json_object_get_string(json_object_array_get_idx(list, i)));
    }
    return g_string_free(text, FALSE);
}

GPtrArray *
vt_command_line_arguments(VtCommandLine *line, json_object *config, bool json, GError **error)
{
    g_autoptr(VtContext) ctx = vt_command_line_context(line, NULL, error);
    GPtrArray *arguments;

    if (!ctx) {
        return NULL;
    }
    arguments = g_ptr_array_new_with_free_func(g_free);
    json_object_object_foreach (config, name, value) {
        const VtOption *option = vt_program_option(line->program, name);
        bool list = option->flags & VT_OPTION_MULTIPLE && !option->separator;
        size_t n = list ? json_object_array_length(value) : 1;

        for (size_t i = 0; i < n; i++) {
            json_object *one = list ? json_object_array_get_idx(value, i) : value;

            g_ptr_array_add(arguments, g_strdup_printf("-%s", name));
            if (option->separator) {
                g_ptr_array_add(arguments, joined_words(option, one));
            } else if (!(option->flags & VT_OPTION_FLAG)) {
                g_ptr_array_add(arguments, vt_option_argument(line, option, one, ctx, json));
            }
        }
    }
    return arguments;
}

/* ---- commands ------------------------------------------------------------------------------------------ */

static const VtCommand *
command_of(const VtProgram *program, const VtOption *option, json_object *value)
{
    if (!(option->flags & VT_OPTION_CREATES) || option->class_suffixes ||
        !json_object_is_type(value, json_type_object)) {
        return NULL;
    }
    for (uint32_t i = 0; i < program->n_commands; i++) {
        const VtCommand *command = &program->commands[i];

        if (command->flags & VT_COMMAND_CREATES && strcmp(command->root, option->root) == 0) {
            return command;
        }
    }
    return NULL;
}

typedef struct Step {
    const VtCommand *command;
    json_object *value;
    const char *id_name;
    bool begun;
} Step;

typedef struct Steps {
    GArray *all;       /* of Step */
    GHashTable *by_id; /* id to GArray of guint: steps whose objects have it */
    json_object *result;
} Steps;

static void add_step(Steps *steps, guint index);

/* Adds the steps whose objects have the id @text, or own the bus "ID.NUMBER". */
static void
add_named(Steps *steps, const char *text)
{
    const char *dot = strrchr(text, '.');
    g_autofree char *owner = g_strndup(text, dot ? (size_t)(dot - text) : 0);
    const char *const names[] = {text, owner};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        const GArray *found = g_hash_table_lookup(steps->by_id, names[i]);

        for (guint j = 0; found && j < found->len; j++) {
            add_step(steps, g_array_index(found, guint, j));
        }
    }
}

/* Adds the steps that @value names. @own: member that names the object itself, or NULL. */
static void
add_mentioned(Steps *steps, json_object *value, const char *own)
{
    if (json_object_is_type(value, json_type_string)) {
        add_named(steps, json_object_get_string(value));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach (value, key, member) {
            if (g_strcmp0(key, own) != 0) {
                add_mentioned(steps, member, NULL);
            }
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            add_mentioned(steps, json_object_array_get_idx(value, i), NULL);
        }
    }
}

static void
add_step(Steps *steps, guint index)
{
    Step *step = &g_array_index(steps->all, Step, index);
    json_object *command;

    if (step->begun) {
        return;
    }
    step->begun = true;
    add_mentioned(steps, step->value, step->id_name);
    command = json_object_new_object();
    vt_json_add_text(command, "execute", step->command->name);
    json_object_object_add(command, "arguments", json_object_get(step->value));
    json_object_array_add(steps->result, command);
}

static void
collect_step(const VtCommandLine *line, Steps *steps, const VtCommand *command, json_object *value)
{
    const VtClassInfo *root = vt_schema_class(line->schema, command->root);
    Step step = {command, value, vt_str(root->layer, root->row->id_name), false};
    json_object *id = NULL;
    GArray *same;

    g_array_append_val(steps->all, step);
    json_object_object_get_ex(value, step.id_name, &id);
    if (json_object_is_type(id, json_type_string)) {
        guint index = steps->all->len - 1;

        same = g_hash_table_lookup(steps->by_id, json_object_get_string(id));
        if (!same) {
            same = g_array_new(FALSE, FALSE, sizeof(guint));
            g_hash_table_insert(steps->by_id, g_strdup(json_object_get_string(id)), same);
        }
        g_array_append_val(same, index);
    }
}

json_object *
vt_command_line_commands(const VtCommandLine *line, json_object *config, GPtrArray *left)
{
    Steps steps = {g_array_new(FALSE, FALSE, sizeof(Step)),
                   g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref),
                   json_object_new_array()};

    json_object_object_foreach (config, name, value) {
        const VtOption *option = vt_program_option(line->program, name);
        bool list = option->flags & VT_OPTION_MULTIPLE, complete = true;

        for (size_t i = 0; i < (list ? json_object_array_length(value) : 1); i++) {
            json_object *one = list ? json_object_array_get_idx(value, i) : value;
            const VtCommand *command = command_of(line->program, option, one);

            if (command) {
                collect_step(line, &steps, command, one);
            } else {
                complete = false;
            }
        }
        if (!complete) {
            g_ptr_array_add(left, g_strdup(option->name));
        }
    }
    for (guint i = 0; i < steps.all->len; i++) {
        add_step(&steps, i);
    }
    g_array_unref(steps.all);
    g_hash_table_unref(steps.by_id);
    return steps.result;
}
