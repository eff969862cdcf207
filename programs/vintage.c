/* SPDX-License-Identifier: MIT */
/*
 * vintage: shows the resolved configuration of a VM, its origin, and what another version changes.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt-gen/program-vintage-vm.h"
#include "output.h"
#include "tool.h"
#include "vt-runtime/error.h"
#include "vt-runtime/input.h"

#define SAFE          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_"
#define SCHEMA_OPTION "--schema"

ToolMode tool_mode = TOOL_RUN;
static GPtrArray *schema_files; /* of --schema, borrowed from the arguments */

/* ---- shared by the subcommands ------------------------------------------------------------------------- */

void
tool_arguments_clear(ToolArguments *arguments)
{
    g_clear_pointer(&arguments->words, g_ptr_array_unref);
}

int
tool_misused(const char *command, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "vintage %s: %s\n", command, message);
    return TOOL_WRONG_USE;
}

char *
tool_shell_word(const char *word)
{
    g_assert(word);
    return *word && strspn(word, SAFE) == strlen(word) ? g_strdup(word) : g_shell_quote(word);
}

int
tool_failed(const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);

    /* Each line is an error. */
    for (size_t i = 0; lines[i]; i++) {
        fprintf(stderr, "vintage: %s\n", g_strdelimit(lines[i], "\r", ' '));
    }
    return TOOL_WRONG_VM;
}

/* Matches "--json" with @word "-json", and "-o" with "-o". */
static bool
is_called(const char *name, const char *word, size_t len)
{
    name += name[1] == '-';
    return strlen(name) == len && strncmp(name, word, len) == 0;
}

bool
tool_arguments_parse(ToolArguments *arguments, const char *command, const ToolOption *options, int argc, char **argv)
{
    *arguments = (ToolArguments){.words = g_ptr_array_new()};
    if (tool_mode != TOOL_RUN) {
        if (tool_mode == TOOL_LIST) {
            tool_list_words(options, argc, argv);
        } else {
            tool_print_options(options);
        }
        return false;
    }
    for (int i = 0; i < argc; i++) {
        const ToolOption *option = options;
        /* Accepts one dash or two, like vintage-vm. */
        char *word = g_str_has_prefix(argv[i], "--") ? argv[i] + 1 : argv[i];
        char *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);

        if (strcmp(argv[i], "--") == 0) {
            arguments->vm = argv + i + 1;
            arguments->n_vm = argc - i - 1;
            arguments->has_vm = true;
            break;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            g_ptr_array_add(arguments->words, argv[i]);
            continue;
        }
        while (option->name && !is_called(option->name, word, len)) {
            option++;
        }
        if (!option->name) {
            tool_misused(command, "unknown option '%s'; expected options of the VM after '--'", argv[i]);
            return false;
        }
        if (option->flag) {
            if (equals) {
                tool_misused(command, "%s takes no value", option->name);
                return false;
            }
            *option->flag = true;
        } else if (equals || ++i < argc) {
            char *value = equals ? equals + 1 : argv[i];

            if (option->values) {
                g_ptr_array_add(option->values, value);
            } else {
                *option->value = value;
            }
        } else {
            tool_misused(command, "%s: expected a value", option->name);
            return false;
        }
    }
    return true;
}

bool
tool_arguments_are_one_vm(const ToolArguments *arguments)
{
    return arguments->words->len + arguments->has_vm == 1;
}

VtVm *
tool_plan(VtCommandLine *line, const VtOverrides *overrides, bool check_host, GError **error)
{
    g_autofree char *notice = NULL;
    VtVm *vm;

    if (!check_host && g_strcmp0(overrides->platform_version, "host") != 0) {
        return vt_command_line_plan(line, overrides, error);
    }
    vm = vt_command_line_choose(line, overrides, &notice, error);
    if (notice) {
        fprintf(stderr, "vintage: %s\n", notice);
    }
    return vm;
}

VtSchema *
tool_schema_new(void)
{
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(GError) error = NULL;
    bool ok = vt_schema_load_paths(schema, g_getenv(VT_SCHEMA_PATH), &error);

    if (!ok) {
        g_prefix_error(&error, "$" VT_SCHEMA_PATH ": ");
    }
    for (guint i = 0; ok && i < schema_files->len; i++) {
        ok = vt_schema_load(schema, schema_files->pdata[i], &error);
    }
    if (!ok) {
        exit(tool_failed(error));
    }
    return g_steal_pointer(&schema);
}

static int
unknown_command(const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *nearest;

    for (const ToolCommand *command = tool_commands; command->name; command++) {
        g_ptr_array_add(names, g_strdup(command->name));
    }
    g_ptr_array_add(names, NULL);
    nearest = vt_nearest(name, (const char *const *)names->pdata);
    return nearest ? tool_misused(name, "unknown command; did you mean '%s'?", nearest)
                   : tool_misused(name, "unknown command; 'vintage --help' lists them");
}

/* '--' ends the arguments of the tool. */
static bool
asks_for_help(int argc, char *const *argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

static int
run_command(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;

    if (!name) {
        tool_print_usage(stderr);
        return TOOL_WRONG_USE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-help") == 0 || strcmp(name, "-h") == 0 ||
        strcmp(name, "help") == 0) {
        tool_print_usage(stdout);
        return TOOL_DONE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-version") == 0) {
        printf("vintage %s\n", VT_VERSION);
        return TOOL_DONE;
    }
    for (const ToolCommand *command = tool_commands; command->name; command++) {
        if (strcmp(name, command->name) == 0) {
            if (asks_for_help(argc - 2, argv + 2)) {
                tool_print_help(command);
                return TOOL_DONE;
            }
            return command->run(argc - 2, argv + 2);
        }
    }
    return unknown_command(name);
}

/* Takes "--schema FILE" out of the arguments of the tool, which '--' ends.  Returns false after it has reported a usage
 * error. */
static bool
take_schema_files(int *argc, char **argv)
{
    const int n = *argc;
    int kept = 0;

    for (int i = 0; i < n; i++) {
        if (strcmp(argv[i], "--") == 0) {
            memmove(&argv[kept], &argv[i], (size_t)(n - i) * sizeof *argv);
            *argc = kept + n - i;
            return true;
        }
        if (g_str_has_prefix(argv[i], SCHEMA_OPTION "=")) {
            g_ptr_array_add(schema_files, strchr(argv[i], '=') + 1);
        } else if (strcmp(argv[i], SCHEMA_OPTION) != 0) {
            argv[kept++] = argv[i];
        } else if (i + 1 < n) {
            g_ptr_array_add(schema_files, argv[++i]);
        } else {
            tool_misused(SCHEMA_OPTION, "expected a value");
            return false;
        }
    }
    *argc = kept;
    return true;
}

int
main(int argc, char **argv)
{
    schema_files = g_ptr_array_new();
    if (!take_schema_files(&argc, argv)) {
        return TOOL_WRONG_USE;
    }
    return output_end("vintage", run_command(argc, argv));
}
