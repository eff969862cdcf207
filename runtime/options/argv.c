/* SPDX-License-Identifier: MIT */
/*
 * Splits arguments into options and values, and applies them in order.
 */
#include "option-help.h"
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/error.h"

/* ---- errors -------------------------------------------------------------------------------------------- */

typedef struct Failure {
    guint at; /* twice the number of the argument; plus 1: of that argument, otherwise before it */
    GError *error;
} Failure;

typedef struct Failures {
    GArray *list; /* of Failure */
    bool stop;    /* the arguments that follow cannot be checked */
    bool lost;    /* nor can values, whose class may depend on what is wrong */
} Failures;

/* Takes @error. */
static void
note(Failures *failures, guint at, GError *error)
{
    Failure one = {at, error};

    g_array_append_val(failures->list, one);
}

static gint
compare_failures(gconstpointer a, gconstpointer b)
{
    const Failure *first = a, *second = b;

    return first->at < second->at ? -1 : first->at > second->at;
}

/* Fails with all errors in the order of the arguments, if there are any. */
static bool
report_failures(Failures *failures, GError **error)
{
    GError *all = NULL;

    g_array_sort(failures->list, compare_failures);
    for (guint i = 0; i < failures->list->len; i++) {
        vt_error_add(&all, g_array_index(failures->list, Failure, i).error);
    }
    g_array_set_size(failures->list, 0);
    if (!all) {
        return true;
    }
    g_propagate_error(error, all);
    return false;
}

static void
failures_clear(Failures *failures)
{
    report_failures(failures, NULL);
    g_array_unref(failures->list);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Failures, failures_clear)

/* ---- arguments ----------------------------------------------------------------------------------------- */

/* Whether the next argument may be a part of the last value, which may be sensitive: it is not quoted right. */
static bool
follows_sensitive(const VtCommandLine *line)
{
    const VtArgument *last =
        line->arguments->len ? &g_array_index(line->arguments, VtArgument, line->arguments->len - 1) : NULL;

    return last && last->option->flags & VT_OPTION_SENSITIVE && !vt_option_is_plain(line, last->option, last->value);
}

/* Rejects an argument that is not an option.  After a sensitive value, it may be a part of that value, so the error
 * does not quote it.  Otherwise, the error quotes the first word only. */
static bool
fail_not_option(VtCommandLine *line, const char *text, GError **error)
{
    size_t len = strcspn(text, ",={\"' ");

    if (follows_sensitive(line)) {
        const VtArgument *before = &g_array_index(line->arguments, VtArgument, line->arguments->len - 1);

        return vt_error_set(error, "%s: expected an option after it",
                            vt_option_label(line, before->option, before->value));
    }
    return vt_error_set(error, "%.*s%s: expected an option", (int)len, text, text[len] ? "…" : "");
}

/* The option whose values are arguments that are no options, or NULL. */
static const VtOption *
option_of_words(const VtProgram *program)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        if (program->options[i].words) {
            return &program->options[i];
        }
    }
    return NULL;
}

/* The option that @name names, or NULL.  *ret_value: the value after '=', if there is one. */
static const VtOption *
option_called(const VtProgram *program, char *name, char **ret_unknown, char **ret_value)
{
    const VtOption *option = vt_program_option(program, name);
    char *equals = option ? NULL : strchr(name, '=');

    *ret_unknown = NULL;
    *ret_value = NULL;
    if (equals) {
        *ret_unknown = g_strndup(name, equals - name);
        option = vt_program_option(program, *ret_unknown);
        *ret_value = equals + 1;
    }
    return option;
}

/* Splits the option at argv[*i] and its value.  Sets *ret_argument, whose option is NULL if it is unknown. */
static bool
split_one(VtCommandLine *line, int argc, char *const *argv, int *i, VtArgument *ret_argument, GError **error)
{
    const VtProgram *program = line->program;
    char *name = argv[*i];
    g_autofree char *long_name = NULL;

    *ret_argument = (VtArgument){NULL, NULL, NULL};
    if (name[0] != '-' && !follows_sensitive(line)) {
        ret_argument->option = option_of_words(program);
        ret_argument->value = name;
    }
    if (ret_argument->option) {
        return true;
    }
    if (name[0] != '-' || !name[1]) {
        return fail_not_option(line, name, error);
    }
    name += name[1] == '-' ? 2 : 1;
    ret_argument->option = option_called(program, name, &long_name, &ret_argument->value);
    if (!ret_argument->option && follows_sensitive(line)) {
        return fail_not_option(line, name, error);
    }
    if (!ret_argument->option) {
        return vt_option_unknown(program, argv[*i][1] == '-' ? "--" : "-", long_name ? long_name : name, error);
    }
    if (ret_argument->option->flags & VT_OPTION_FLAG) {
        return !ret_argument->value ||
               vt_error_set(error, "-%s: expected no value, got '%s'", ret_argument->option->name, ret_argument->value);
    }
    if (!ret_argument->value) {
        if (*i + 1 == argc) {
            return vt_error_set(error, "-%s: expected a value", ret_argument->option->name);
        }
        ret_argument->value = argv[++*i];
    }
    return true;
}

/* Splits the arguments into options and values, without decoding values.  Notes the errors of all. */
static void
split(VtCommandLine *line, int argc, char *const *argv, Failures *failures)
{
    for (int i = 0; i < argc; i++) {
        GError *failure = NULL;
        VtArgument argument;

        if (split_one(line, argc, argv, &i, &argument, &failure)) {
            g_array_append_val(line->arguments, argument);
            continue;
        }
        note(failures, 2 * line->arguments->len, failure);
        failures->lost = true;
        if (follows_sensitive(line)) {
            failures->stop = true;
            return;
        }
        /* Its value is no image of a disk. */
        if (!argument.option && argv[i][0] == '-' && i + 1 < argc && argv[i + 1][0] != '-') {
            i++;
        }
    }
}

/* Handles "X,KEY=help", if the values of the key have a list. */
static bool
take_help_of_key(VtCommandLine *line, const VtOption *option, const char *value)
{
    const char *comma = strrchr(value, ','), *item = comma ? comma + 1 : value, *equals = strchr(item, '=');
    g_autofree char *key = equals ? g_strndup(item, (gsize)(equals - item)) : NULL;
    g_autofree char *text = NULL;

    if (!equals || (strcmp(equals, "=help") != 0 && strcmp(equals, "=?") != 0)) {
        return false;
    }
    text = vt_help_values(line->schema, option, key, 0);
    if (!text) {
        return false;
    }
    line->help_topic = g_strdup_printf("%s=%s", option->name, key);
    line->wants_help = true;
    return true;
}

/* Handles "help", "?", "X,help" and "X,KEY=help" as the value of an option.  The first such value determines the help
 * topic. */
static bool
take_help(VtCommandLine *line, const VtOption *option, const char *value)
{
    const char *comma;

    if (!(option->flags & VT_OPTION_CREATES) && !option->type) {
        return false;
    }
    if (strcmp(value, "help") == 0 || strcmp(value, "?") == 0) {
        line->help_topic = g_strdup(option->name);
        line->wants_help = true;
        return true;
    }
    if (!(option->flags & VT_OPTION_CREATES) && value[0] != '{' && take_help_of_key(line, option, value)) {
        return true;
    }
    comma = strrchr(value, ',');
    if (comma && value[0] != '{' && (strcmp(comma, ",help") == 0 || strcmp(comma, ",?") == 0)) {
        size_t len = strcspn(value, ",");
        const char *equals = memchr(value, '=', len);

        if (equals) {
            len -= equals + 1 - value;
            value = equals + 1;
        }
        line->help_topic = g_strdup_printf("%s=%.*s", option->name, (int)len, value);
        line->wants_help = true;
        return true;
    }
    return false;
}

static VtSource *
source_of_argument(VtCommandLine *line, VtArgument *argument)
{
    const char *value = argument->value;

    if (!argument->value) {
        VtSource *source;
        json_object *on = json_object_new_boolean(true);
        g_autofree char *where = g_strdup_printf("-%s", argument->option->name);

        source = vt_source_new_tree(on, g_string_chunk_insert_const(line->labels, where));
        json_object_put(on);
        return source;
    }
    argument->label = vt_option_label(line, argument->option, value);
    return vt_source_new_text(value, strlen(value), argument->option->implied_key, argument->label);
}

/* Applies -target, at any position: the help text depends on it.  @topic: the argument that requests help. */
static bool
apply_target(VtCommandLine *line, const GArray *arguments, guint topic, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < arguments->len; i++) {
        VtArgument *argument = &g_array_index(arguments, VtArgument, i);

        if (i != topic && argument->value && argument->option->role == VT_ROLE_TARGET) {
            ok = vt_option_apply(line, argument->option, source_of_argument(line, argument), 0, error);
        }
    }
    return ok;
}

static bool
is_machine(const VtCommandLine *line, const VtOption *option)
{
    return option->root && vt_class_is_machine(vt_schema_class(line->schema, option->root));
}

/* Applies what determines the versions whose defaults a help text has.  @topic: the argument that requests it. */
static bool
apply_versions(VtCommandLine *line, guint topic, GError **error)
{
    for (guint i = 0; i < line->arguments->len; i++) {
        VtArgument *argument = &g_array_index(line->arguments, VtArgument, i);

        if (i != topic && argument->value &&
            (is_machine(line, argument->option) || argument->option->role == VT_ROLE_PLATFORM_VERSION ||
             argument->option->role == VT_ROLE_SCHEMA) &&
            !vt_option_apply(line, argument->option, source_of_argument(line, argument), 0, error)) {
            return false;
        }
    }
    return true;
}

/* Notes the errors in values that create objects. */
static void
note_creations(VtCommandLine *line, Failures *failures)
{
    g_autoptr(GPtrArray) errors = vt_option_check_creations(line);

    for (guint i = 0; i < errors->len; i++) {
        GError *error = errors->pdata[i];

        note(failures, 2 * vt_option_argument_of(line, error->message) + 1, error);
    }
}

VtCommandLine *
vt_command_line_new(const VtProgram *program, const VtSchema *schema, int argc, char *const *argv, GError **error)
{
    g_autoptr(VtCommandLine) line = vt_command_line_new_empty(program, schema);
    GArray *arguments = line->arguments;
    g_auto(Failures) failures = {g_array_new(FALSE, FALSE, sizeof(Failure)), false};

    split(line, argc, argv, &failures);
    if (failures.stop) {
        report_failures(&failures, error);
        return NULL;
    }
    for (guint i = 0; i < arguments->len; i++) {
        VtArgument *argument = &g_array_index(arguments, VtArgument, i);

        if (argument->option->role == VT_ROLE_HELP) {
            line->wants_help = true;
            return g_steal_pointer(&line);
        }
        if ((argument->option->help_of &&
             take_help(line, vt_program_option(program, argument->option->help_of), "help")) ||
            (argument->value && take_help(line, argument->option, argument->value))) {
            return apply_target(line, arguments, i, error) && apply_versions(line, i, error) ? g_steal_pointer(&line)
                                                                                             : NULL;
        }
    }
    for (guint i = 0; i < arguments->len; i++) {
        VtArgument *argument = &g_array_index(arguments, VtArgument, i);

        if (argument->option->role == VT_ROLE_CONFIGURATION && !vt_config_file_apply(line, argument->value, error)) {
            return NULL;
        }
    }
    for (guint i = 0; i < arguments->len; i++) {
        VtArgument *argument = &g_array_index(arguments, VtArgument, i);

        if (argument->option->role == VT_ROLE_CHANGE && !vt_option_add_change(line, argument->value, i, error)) {
            return NULL;
        }
    }
    for (guint i = 0; i < arguments->len; i++) {
        VtArgument *argument = &g_array_index(arguments, VtArgument, i);
        GError *failure = NULL;

        line->position = i;
        if (argument->option->role != VT_ROLE_CONFIGURATION &&
            !vt_option_apply(line, argument->option, source_of_argument(line, argument), 0, &failure)) {
            note(&failures, 2 * i + 1, failure);
            failures.lost |= argument->option->role == VT_ROLE_TARGET || is_machine(line, argument->option);
        }
    }
    if (failures.list->len && !failures.lost) {
        note_creations(line, &failures);
    }
    if (!report_failures(&failures, error)) {
        return NULL;
    }
    if (!vt_option_check_changes(line, error)) {
        return NULL;
    }
    return g_steal_pointer(&line);
}

VtCommandLine *
vt_command_line_new_file(const VtProgram *program, const VtSchema *schema, const char *path, GError **error)
{
    g_autoptr(VtCommandLine) line = vt_command_line_new_empty(program, schema);

    if (!vt_config_file_apply(line, path, error)) {
        return NULL;
    }
    return g_steal_pointer(&line);
}

VtCommandLine *
vt_command_line_new_text(const VtProgram *program, const VtSchema *schema, const char *name, const char *text,
                         GError **error)
{
    g_autoptr(VtCommandLine) line = vt_command_line_new_empty(program, schema);

    vt_overlay_begin(line);
    if (!vt_config_text_apply(line, name, text, strlen(text), error)) {
        return NULL;
    }
    vt_overlay_end(line);
    return g_steal_pointer(&line);
}
