/* SPDX-License-Identifier: MIT */
/*
 * Import of a command line: options that fail are left out one by one, until the rest is a VM.
 */
#include <string.h>

#include <json-c/json.h>

#include "import-private.h"
#include "vt-engine/import.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/names.h"
#include "vt-runtime/role.h"

typedef struct Argument {
    const char *option, *value; /* option: with its dash; value: NULL: it has none */
} Argument;

/* ---- words --------------------------------------------------------------------------------------------- */

/* Cuts @words into options with their values. Names those that no option has. */
static GArray *
arguments_of(const VtEngineImport *import, char *const *words)
{
    GArray *arguments = g_array_new(FALSE, FALSE, sizeof(Argument));

    for (; *words; words++) {
        const char *name = *words + strspn(*words, "-");
        const VtOption *option = **words == '-' ? vt_program_option(import->program, name) : NULL;
        bool is_flag = option && option->flags & VT_OPTION_FLAG;
        Argument one = {*words, NULL};

        if (**words != '-') {
            g_ptr_array_add(import->left, g_strdup_printf("'%s': expected an option", *words));
            continue;
        }
        if (!is_flag && words[1] && (option || words[1][0] != '-')) {
            one.value = *++words;
        }
        if (option) {
            g_array_append_val(arguments, one);
        } else {
            g_ptr_array_add(import->left, g_strdup_printf("%s: unknown option", one.option));
        }
    }
    return arguments;
}

/* Adds the option with @role and its value. */
static void
add(const VtEngineImport *import, GStrvBuilder *words, VtRole role, const char *value)
{
    g_autofree char *option = g_strconcat("-", vt_program_role(import->program, role)->name, NULL);

    g_strv_builder_add_many(words, option, value, NULL);
}

/* The words of @arguments but the one at @without, then the versions, each of which may be NULL. NULL-terminated; the
 * caller frees them. */
static char **
words_of(const VtEngineImport *import, const GArray *arguments, guint without, const char *machine,
         const char *platform)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    if (import->target) {
        add(import, words, VT_ROLE_TARGET, import->target);
    }
    for (guint i = 0; i < arguments->len; i++) {
        const Argument *one = &g_array_index(arguments, Argument, i);

        if (i != without) {
            g_strv_builder_add_many(words, one->option, one->value, NULL);
        }
    }
    if (machine) {
        add(import, words, VT_ROLE_MACHINE, machine);
    }
    if (platform) {
        add(import, words, VT_ROLE_PLATFORM_VERSION, platform);
    }
    return g_strv_builder_end(words);
}

/* ---- what fails ---------------------------------------------------------------------------------------- */

static VtCommandLine *
parse(const VtEngineImport *import, char **words, GError **error)
{
    return vt_command_line_new(import->program, import->schema, (int)g_strv_length(words), words, error);
}

/* The first line of the failure without the argument at @without; NULL: the rest is a VM. The caller frees it. */
static char *
failure_without(const VtEngineImport *import, const GArray *arguments, guint without)
{
    const VtOverrides overrides = {.release = import->release};
    g_auto(GStrv) words = words_of(import, arguments, without, NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = parse(import, words, &error);
    g_autoptr(VtVm) vm = line ? vt_command_line_plan(line, &overrides, &error) : NULL;

    return vm ? NULL : g_strndup(error->message, strcspn(error->message, "\n"));
}

/* Whether @message begins with the label of @argument, which may be the start of its value. */
static bool
is_about(const char *message, const Argument *argument)
{
    const char *option = argument->option + strspn(argument->option, "-"), *label;
    size_t len;

    if (message[0] != '-' || !g_str_has_prefix(message + 1, option) || message[1 + strlen(option)] != ' ') {
        return false;
    }
    label = message + strlen(option) + strlen("- ");
    len = MIN(strcspn(label, ":"), (size_t)(strstr(label, "…") ? strstr(label, "…") - label : G_MAXINT));
    return argument->value && strncmp(argument->value, label, len) == 0;
}

/* Removes the argument that @message is about: without it, the message is another one or none. Of several, one that the
 * message begins with goes first, then a later one. If none changes the message, two arguments have the same error.
 * Returns whether there is one. */
static bool
remove_cause(const VtEngineImport *import, GArray *arguments, const char *message)
{
    enum { NAMED, ANY, SAME, N_PASSES };

    for (unsigned pass = 0; pass < N_PASSES; pass++) {
        for (guint i = arguments->len; i-- > 0;) {
            g_autofree char *rest = NULL;

            if (is_about(message, &g_array_index(arguments, Argument, i)) != (pass != ANY)) {
                continue;
            }
            rest = pass == SAME ? NULL : failure_without(import, arguments, i);
            if (pass == SAME || g_strcmp0(rest, message) != 0) {
                g_array_remove_index(arguments, i);
                g_ptr_array_add(import->left, g_strdup(message));
                return true;
            }
        }
    }
    return false;
}

/* ---- all ----------------------------------------------------------------------------------------------- */

static const char *
platform_of(const VtEngineImport *import, const VtVm *vm)
{
    VtContext *ctx = vt_vm_context(vm);
    uint16_t version = vt_schema_version_in_release(import->schema, VT_AXIS_PLATFORM, vt_context_release(ctx));

    return version ? vt_schema_version_name(import->schema, VT_AXIS_PLATFORM, version) : NULL;
}

/* Parses the arguments again, with the versions of @vm. */
static bool
parse_exactly(const VtEngineImport *import, const GArray *arguments, const VtVm *vm, VtEngineImported *imported,
              GError **error)
{
    const VtMachineName *machine = vt_context_machine(vt_vm_context(vm));

    imported->words = words_of(import, arguments, arguments->len, machine->name, platform_of(import, vm));
    imported->line = parse(import, imported->words, error);
    return imported->line;
}

/* Plans the arguments, without those that fail. */
static VtVm *
plan_rest(const VtEngineImport *import, GArray *arguments, GError **error)
{
    const VtOverrides overrides = {.release = import->release};
    g_autofree char *message = failure_without(import, arguments, arguments->len);
    g_autoptr(VtCommandLine) line = NULL;
    g_auto(GStrv) words = NULL;

    while (message) {
        if (!remove_cause(import, arguments, message)) {
            vt_error_set(error, "%s", message);
            return NULL;
        }
        g_free(message);
        message = failure_without(import, arguments, arguments->len);
    }
    words = words_of(import, arguments, arguments->len, NULL, NULL);
    line = parse(import, words, error);
    return line ? vt_command_line_plan(line, &overrides, error) : NULL;
}

/* Moves the members of the machine to one option: some options have several names. */
static void
join_machine(const VtEngineImport *import, const VtClassInfo *root, json_object *config)
{
    const VtOption *option = vt_program_creator(import->program, root->name);
    json_object *all = NULL;
    g_autoptr(GArray) others = vt_names_new();

    json_object_object_get_ex(config, option->name, &all);
    json_object_object_foreach (config, name, value) {
        const VtOption *other = vt_program_option(import->program, name);

        if (other != option && g_strcmp0(other->root, option->root) == 0) {
            json_object_object_foreach (value, member, inner) {
                if (!json_object_object_get_ex(all, member, NULL)) {
                    json_object_object_add(all, member, json_object_get(inner));
                }
            }
            vt_names_add(others, other->name);
        }
    }
    for (const char *const *name = vt_names_list(others); *name; name++) {
        json_object_object_del(config, *name);
    }
}

bool
vt_engine_import_words(const VtEngineImport *import, char *const *words, VtEngineImported *ret_imported, GError **error)
{
    g_autoptr(GArray) arguments = arguments_of(import, words);
    g_auto(VtEngineImported) imported = {NULL};
    g_autoptr(VtVm) vm = plan_rest(import, arguments, error);

    if (!vm || !parse_exactly(import, arguments, vm, &imported, error)) {
        return false;
    }
    imported.config = vt_command_line_convert(imported.line, error);
    if (!imported.config) {
        return false;
    }
    join_machine(import, vt_object_class(vt_vm_machine(vm))->root, imported.config);
    vt_engine_import_reduce(vt_vm_context(vm), import->program, imported.config, false);
    engine_import_paths(import, vm, imported.config);
    *ret_imported = imported;
    imported = (VtEngineImported){NULL};
    return true;
}

void
vt_engine_imported_clear(VtEngineImported *imported)
{
    g_clear_pointer(&imported->line, vt_command_line_free);
    g_clear_pointer(&imported->words, g_strfreev);
    g_clear_pointer(&imported->config, json_object_put);
}
