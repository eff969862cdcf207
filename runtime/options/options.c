/* SPDX-License-Identifier: MIT */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

#include "schema/schema-private.h"
#include "visit/visit-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/wipe.h"

static void
global_source_free(VtGlobalSource *global)
{
    g_free(global->driver);
    g_free(global->property);
    vt_wipe_str(global->value);
    g_free(global->where);
    g_free(global);
}

/* ---- options ----------------------------------------------------------------------------------------- */

const VtOption *
vt_program_option(const VtProgram *program, const char *name)
{
    for (uint32_t i = 0; i < program->n_options; i++) {
        if (strcmp(program->options[i].name, name) == 0) {
            return &program->options[i];
        }
    }
    return NULL;
}

bool
vt_option_unknown(const VtProgram *program, const char *prefix, const char *name, GError **error)
{
    g_autofree const char **names = g_new0(const char *, program->n_options + 1);
    const char *nearest;

    for (uint32_t i = 0; i < program->n_options; i++) {
        names[i] = program->options[i].name;
    }
    nearest = vt_nearest(name, names);
    if (nearest) {
        return vt_error_set(error, "%s%s: unknown option; did you mean '%s%s'?", prefix, name, prefix, nearest);
    }
    return vt_error_set(error, "%s%s: unknown option", prefix, name);
}

bool
vt_option_is(const VtProgram *program, const VtOption *option, const char *name)
{
    const VtOption *known = vt_program_option(program, name);

    return known && (known == option || (known->row && known->row == option->row));
}

const char *
vt_command_line_str(const VtCommandLine *line, const char *name)
{
    const VtOption *option = vt_program_option(line->program, name);

    const void *field;

    if (!option || !option->row || (option->row->flags & VT_ROW_LIST)) {
        return NULL;
    }
    field = (char *)line->options + option->row->offset;
    if (option->row->kind == VT_KIND_ENUM) {
        const VtLayer *layer = vt_schema_type_layer(line->schema, option->row->type);

        return vt_str(layer,
                      layer->names[vt_schema_type(line->schema, option->row->type)->first + *(uint32_t *)field].name);
    }
    return option->row->kind == VT_KIND_STR ? *(char *const *)field : NULL;
}

static bool
is_composed(uint8_t kind)
{
    return kind == VT_KIND_STRUCT || kind == VT_KIND_UNION || kind == VT_KIND_ALTERNATE || kind == VT_KIND_ANY;
}

/* Decodes the value beside the old one, which it replaces; of a struct, what is not said again stays. */
static bool
replace(const VtCommandLine *line, VtInput *input, const VtLayer *layer, const VtRow *row, void *field, GError **error)
{
    size_t size = vt_field_size(line->schema, layer, row);
    g_autofree void *fresh = g_malloc0(size);

    if (!vt_input_visit_value(input, line->schema, NULL, layer, row, fresh, error)) {
        return false;
    }
    vt_visit_merge(line->schema, row, fresh, field);
    vt_field_clear(line->schema, layer, row, field);
    memcpy(field, fresh, size);
    return true;
}

/* Decodes the value into the program's options struct: a list grows, a struct is given in pieces. */
static bool
set_row(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error)
{
    const VtLayer *layer = vt_schema_type_layer(line->schema, line->program->options_type);
    const VtType *type = vt_schema_type(line->schema, line->program->options_type);
    const VtRow *row = option->row;
    VtRow element = *row;
    void *field = (char *)line->options + row->offset;
    /* A plain value of the command line is its whole text: commas and quotes in it mean nothing. */
    bool plain = source->text && !source->line && !is_composed(row->kind);
    g_autoptr(VtInput) input = plain ? vt_input_new_value(source->text, source->where) : vt_source_open(source, error);
    bool ok;

    if (!input) {
        return false;
    }
    if (row->flags & VT_ROW_LIST) {
        VtList *list = field;
        size_t size;

        element.flags &= ~(VT_ROW_LIST | VT_ROW_BOXED);
        size = vt_row_size(line->schema, layer, &element);
        list->v = g_realloc_n(list->v, list->n + 1, size);
        field = (char *)list->v + list->n * size;
        memset(field, 0, size);
        ok = vt_input_visit_value(input, line->schema, NULL, layer, &element, field, error);
        list->n += ok;
    } else {
        ok = replace(line, input, layer, row, field, error);
    }
    if (ok) {
        uint32_t present = type->words_offset + type->words * sizeof(uint64_t);

        *vt_given_word(line->options, type->words_offset, row->bit) |= UINT64_C(1) << (row->bit % 64);
        *vt_given_word(line->options, present, row->bit) |= UINT64_C(1) << (row->bit % 64);
    }
    return ok;
}

/* Of an option that counts once the last value stands. */
static void
remove_creations(VtCommandLine *line, const VtClassInfo *root)
{
    for (guint i = line->creations->len; i-- > 0;) {
        if (((VtSource *)g_ptr_array_index(line->creations, i))->root == root) {
            g_ptr_array_remove_index(line->creations, i);
        }
    }
}

/* Takes @source. */
static bool
add_creation(VtCommandLine *line, VtSource *source, GError **error)
{
    g_autofree char *front = NULL;
    bool ok = vt_source_write_out(line->schema, source, &front, error);

    if (!ok) {
        vt_source_free(source);
        return false;
    }
    g_ptr_array_add(line->creations, source);
    if (front) {
        VtSource *other = vt_source_new_text(front, strlen(front), NULL, source->where);

        other->root = source->root;
        g_ptr_array_add(line->creations, other);
    }
    return true;
}

bool
vt_option_apply(VtCommandLine *line, const VtOption *option, VtSource *source, unsigned depth, GError **error)
{
    g_autoptr(VtSource) owned = source;

    source->sensitive |= (option->flags & VT_OPTION_SENSITIVE) != 0;
    if (vt_option_expands(option, source)) {
        return vt_option_expand(line, option, source, depth, error);
    }
    if (option->flags & VT_OPTION_CREATES) {
        const VtClassInfo *root = vt_schema_class(line->schema, option->root);

        g_assert(root);
        source->root = root;
        if (option->class_suffixes) {
            vt_option_add_model(line, option, g_steal_pointer(&owned));
            return true;
        }
        if (!(option->flags & VT_OPTION_MULTIPLE)) {
            remove_creations(line, root);
        }
        if ((vt_class_is_machine(root) && !vt_option_take_machine(line, root, source, error)) ||
            (option->globals && !vt_option_take_globals(line, option, source, error))) {
            return false;
        }
        if (vt_class_is_machine(root)) {
            g_ptr_array_add(line->machine, g_steal_pointer(&owned));
        } else if (!add_creation(line, g_steal_pointer(&owned), error)) {
            return false;
        }
        return true;
    }
    if (vt_option_is(line->program, option, "global")) {
        return vt_option_add_global(line, source, error);
    }
    return !option->row || set_row(line, option, source, error);
}

/* ---- the command line ---------------------------------------------------------------------------------- */

typedef struct Argument {
    const VtOption *option;
    const char *value; /* NULL: a flag */
} Argument;

VtCommandLine *
vt_command_line_new_empty(const VtProgram *program, const VtSchema *schema)
{
    VtCommandLine *line = g_new0(VtCommandLine, 1);
    const VtType *type = vt_schema_type(schema, program->options_type);

    line->program = program;
    line->schema = schema;
    line->options = g_malloc0(type->size);
    vt_struct_init(schema, NULL, program->options_type, line->options);
    line->uses = g_new0(unsigned, program->n_options);
    line->machine = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    line->creations = g_ptr_array_new_with_free_func((GDestroyNotify)vt_source_free);
    line->globals = g_ptr_array_new_with_free_func((GDestroyNotify)global_source_free);
    return line;
}

void
vt_command_line_forget(VtCommandLine *line)
{
    g_ptr_array_set_size(line->machine, 0);
    g_ptr_array_set_size(line->creations, 0);
    g_ptr_array_set_size(line->globals, 0);
}

void
vt_command_line_free(VtCommandLine *line)
{
    if (line) {
        vt_struct_clear(line->schema, line->program->options_type, line->options);
        g_free(line->options);
        g_free(line->uses);
        g_ptr_array_unref(line->machine);
        g_ptr_array_unref(line->creations);
        g_ptr_array_unref(line->globals);
        json_object_put(line->frozen);
        g_free(line->frozen_where);
        g_free(line->machine_name);
        g_free(line->machine_where);
        g_free(line->default_machine);
        g_free(line->help_topic);
        g_free(line);
    }
}

static bool
follows_sensitive(const GArray *arguments)
{
    return arguments->len && g_array_index(arguments, Argument, arguments->len - 1).option->flags & VT_OPTION_SENSITIVE;
}

/* Behind a sensitive value it may be a piece of it; else only its first word is shown. */
static bool
fail_not_option(const VtSchema *schema, const char *text, const GArray *arguments, GError **error)
{
    size_t len = strcspn(text, ",={\"' ");

    if (follows_sensitive(arguments)) {
        const Argument *before = &g_array_index(arguments, Argument, arguments->len - 1);
        g_autofree char *label = vt_option_label(schema, before->option, before->value);

        return vt_error_set(error, "%s: expected an option after it", label);
    }
    return vt_error_set(error, "%.*s%s: expected an option", (int)len, text, text[len] ? "…" : "");
}

/* Splits the arguments into options and values; nothing is decoded yet. */
static bool
split(const VtProgram *program, const VtSchema *schema, int argc, char *const *argv, GArray *arguments, GError **error)
{
    for (int i = 0; i < argc; i++) {
        const char *name = argv[i], *equals;
        g_autofree char *long_name = NULL;
        Argument argument = {NULL, NULL};

        if (name[0] != '-' || !name[1]) {
            return fail_not_option(schema, name, arguments, error);
        }
        name += name[1] == '-' ? 2 : 1;
        argument.option = vt_program_option(program, name);
        equals = argument.option ? NULL : strchr(name, '=');
        if (equals) {
            long_name = g_strndup(name, equals - name);
            argument.option = vt_program_option(program, long_name);
            argument.value = equals + 1;
        }
        if (!argument.option && follows_sensitive(arguments)) {
            return fail_not_option(schema, name, arguments, error);
        }
        if (!argument.option) {
            return vt_option_unknown(program, argv[i][1] == '-' ? "--" : "-", long_name ? long_name : name, error);
        }
        if (argument.option->flags & VT_OPTION_FLAG) {
            if (argument.value) {
                return vt_error_set(error, "-%s: expected no value, got '%s'", argument.option->name, argument.value);
            }
        } else if (!argument.value) {
            if (i + 1 == argc) {
                return vt_error_set(error, "-%s: expected a value", argument.option->name);
            }
            argument.value = argv[++i];
        }
        g_array_append_val(arguments, argument);
    }
    return true;
}

/* "help", "?" and "X,help" ask about the option's values.  The first question is answered. */
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
source_of_argument(const VtSchema *schema, const Argument *argument)
{
    g_autofree char *where = NULL;
    char *full;
    const char *value = argument->value;

    if (!argument->value) {
        VtSource *source;
        json_object *on = json_object_new_boolean(true);

        where = g_strdup_printf("-%s", argument->option->name);
        source = vt_source_new_tree(on, where);
        json_object_put(on);
        return source;
    }
    where = vt_option_label(schema, argument->option, value);
    if ((argument->option->flags & VT_OPTION_BARE_KEYS) && value[0] != '{') {
        VtSource *source;

        full = vt_source_with_values(value, argument->option->implied_key);
        source = vt_source_new_text(full, strlen(full), argument->option->implied_key, where);
        vt_wipe_str(full);
        return source;
    }
    return vt_source_new_text(value, strlen(value), argument->option->implied_key, where);
}

/* What there is depends on the target: help needs it, wherever it stands. */
static bool
apply_target(VtCommandLine *line, const GArray *arguments, GError **error)
{
    bool ok = true;

    for (guint i = 0; ok && i < arguments->len; i++) {
        const Argument *argument = &g_array_index(arguments, Argument, i);

        if (argument->value && vt_option_is(line->program, argument->option, "target")) {
            ok = vt_option_apply(line, argument->option, source_of_argument(line->schema, argument), 0, error);
        }
    }
    return ok;
}

VtCommandLine *
vt_command_line_new(const VtProgram *program, const VtSchema *schema, int argc, char *const *argv, GError **error)
{
    g_autoptr(VtCommandLine) line = vt_command_line_new_empty(program, schema);
    g_autoptr(GArray) arguments = g_array_new(FALSE, FALSE, sizeof(Argument));

    if (!split(program, schema, argc, argv, arguments, error)) {
        return NULL;
    }
    for (guint i = 0; i < arguments->len; i++) {
        const Argument *argument = &g_array_index(arguments, Argument, i);

        if (vt_option_is(program, argument->option, "help")) {
            line->wants_help = true;
            return g_steal_pointer(&line);
        }
        if (argument->value && take_help(line, argument->option, argument->value)) {
            return apply_target(line, arguments, error) ? g_steal_pointer(&line) : NULL;
        }
    }
    for (guint i = 0; i < arguments->len; i++) {
        const Argument *argument = &g_array_index(arguments, Argument, i);

        if (vt_option_is(program, argument->option, "config") && !vt_config_file_apply(line, argument->value, error)) {
            return NULL;
        }
    }
    for (guint i = 0; i < arguments->len; i++) {
        const Argument *argument = &g_array_index(arguments, Argument, i);

        if (!vt_option_is(program, argument->option, "config") &&
            !vt_option_apply(line, argument->option, source_of_argument(schema, argument), 0, error)) {
            return NULL;
        }
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

const void *
vt_command_line_options(const VtCommandLine *line)
{
    return line->options;
}

void
vt_command_line_set_default_machine(VtCommandLine *line, const char *machine)
{
    g_free(line->default_machine);
    line->default_machine = g_strdup(machine);
}

bool
vt_command_line_wants_help(const VtCommandLine *line)
{
    return line->wants_help;
}

const char *
vt_command_line_help_topic(const VtCommandLine *line)
{
    return line->help_topic;
}
