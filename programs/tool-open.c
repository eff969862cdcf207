/* SPDX-License-Identifier: MIT */
/*
 * Opens the VM of a subcommand, whatever its form.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "tool-running.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/schema.h"

static bool
is_machine(const VtSchema *schema, const char *word)
{
    VtMachineName machine = {NULL, 0, NULL};
    bool found = vt_machine_find(schema, word, &machine, NULL);

    vt_machine_name_clear(&machine);
    return found;
}

bool
tool_word_is_file(const char *word)
{
    return strcmp(word, "-") == 0 || strchr(word, '/') || g_str_has_suffix(word, ".json") ||
           g_str_has_suffix(word, ".xml") || g_file_test(word, G_FILE_TEST_EXISTS);
}

bool
tool_word_is_vm(const VtSchema *schema, const char *word)
{
    return tool_word_is_file(word) || is_machine(schema, word);
}

void
tool_arguments_take_vm(ToolArguments *arguments)
{
    for (guint i = 0; i < arguments->words->len && !arguments->has_vm; i++) {
        if (tool_word_is_file(arguments->words->pdata[i])) {
            arguments->file = g_ptr_array_remove_index(arguments->words, i);
            arguments->vm = &arguments->file;
            arguments->n_vm = 1;
            arguments->has_vm = true;
        }
    }
}

/* The file's first character that is not a blank: '{' begins a configuration, '<' a domain, and others a command line.
 * '\0': it cannot be read, which its reader reports. */
static char
first_character(const char *path)
{
    const char *why = NULL;
    size_t len = 0;
    g_autofree char *text = vt_file_read(path, VT_ENGINE_WORDS_MAX, &len, &why);

    return text ? text[strspn(text, " \t\r\n")] : '\0';
}

static bool
is_socket(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISSOCK(about.st_mode);
}

static bool
is_regular(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

bool
tool_word_is_text(const char *word)
{
    return tool_word_is_file(word) && !is_socket(word);
}

/* Makes what @running has read a command line of ours. */
static VtCommandLine *
import_words(ToolRunning *running, const char *name, const char *release, GError **error)
{
    const GPtrArray *left = running->terms.left;
    VtEngineImported *imported = &running->imported;
    VtCommandLine *line;

    if (!tool_running_import(running, release, error)) {
        return NULL;
    }
    for (guint i = 0; i < left->len; i++) {
        fprintf(stderr, "vintage: %s: left out: %s\n", name, (char *)left->pdata[i]);
    }
    line = g_steal_pointer(&imported->line);
    vt_command_line_own_arguments(line, g_steal_pointer(&imported->words));
    vt_command_line_set_default_release(line, running->terms.release);
    return line;
}

/* A text with no option is another text. */
static bool
check_words(char *const *words, const char *name, GError **error)
{
    for (char *const *word = words; *word; word++) {
        if ((*word)[0] == '-') {
            return true;
        }
    }
    return vt_error_set(error,
                        "%s: expected a configuration ('{'), a domain of libvirt ('<') or a command line of QEMU, got "
                        "'%s'",
                        name, words[0] ? words[0] : "");
}

static VtCommandLine *
open_foreign(const VtSchema *schema, const char *word, char first, const char *release, GError **error)
{
    ToolRunning running;
    VtCommandLine *line = NULL;

    tool_running_init(&running, schema);
    if ((first ? tool_running_read_file(&running, word, first == '<', error)
               : tool_running_read_socket(&running, word, error)) &&
        check_words(running.foreign.words, word, error)) {
        line = import_words(&running, word, release, error);
    }
    tool_running_clear(&running);
    return line;
}

static VtCommandLine *
open_machine_name(const VtSchema *schema, const char *name, GError **error)
{
    g_auto(GStrv) argv = g_new0(char *, 3);
    VtCommandLine *line;

    argv[0] = g_strdup("-machine");
    argv[1] = g_strdup(name);
    line = vt_command_line_new(&vt_program_vintage_vm, schema, 2, argv, error);
    if (line) {
        vt_command_line_own_arguments(line, g_steal_pointer(&argv));
    }
    return line;
}

/* Whether @word is a command line of QEMU, a domain of libvirt, or a socket; @first is its first character. */
static bool
is_foreign(const char *word, char first)
{
    return is_socket(word) || (first && first != '{' && !g_str_has_suffix(word, ".json"));
}

static VtCommandLine *
open_word(const VtSchema *schema, const char *release, const char *word, GError **error)
{
    char first = is_regular(word) ? first_character(word) : '\0';

    if (is_foreign(word, first)) {
        return open_foreign(schema, word, first, release, error);
    }
    return is_machine(schema, word) && !is_regular(word)
               ? open_machine_name(schema, word, error)
               : vt_command_line_new_file(&vt_program_vintage_vm, schema, word, error);
}

/* The words of @word, a VM in a form that vintage-vm does not read. */
static GPtrArray *
translate_word(const VtSchema *schema, char *word, GError **error)
{
    g_autoptr(VtCommandLine) line = tool_vm_new(schema, NULL, 1, &word, error);
    json_object *config = line ? vt_command_line_convert(line, error) : NULL;
    GPtrArray *words = config ? vt_command_line_arguments(line, config, true, error) : NULL;

    json_object_put(config);
    return words;
}

GPtrArray *
tool_vm_words(const VtSchema *schema, const ToolArguments *arguments, GError **error)
{
    char **vm = arguments->has_vm ? arguments->vm : (char **)arguments->words->pdata;
    int n = arguments->has_vm ? arguments->n_vm : 1;
    GPtrArray *words;

    if (n == 1 && (vm[0][0] != '-' || !vm[0][1])) {
        if (is_foreign(vm[0], is_regular(vm[0]) ? first_character(vm[0]) : '\0') ||
            (is_machine(schema, vm[0]) && !is_regular(vm[0]))) {
            return translate_word(schema, vm[0], error);
        }
        words = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(words, g_strdup("-config"));
    } else {
        words = g_ptr_array_new_with_free_func(g_free);
    }
    for (int i = 0; i < n; i++) {
        g_ptr_array_add(words, g_strdup(vm[i]));
    }
    return words;
}

VtCommandLine *
tool_vm_new(const VtSchema *schema, const char *release, int argc, char **argv, GError **error)
{
    VtCommandLine *line;

    if (argc == 1 && (argv[0][0] != '-' || !argv[0][1])) {
        return open_word(schema, release, argv[0], error);
    }
    line = vt_command_line_new(&vt_program_vintage_vm, schema, argc, argv, error);
    if (line && vt_command_line_wants_help(line)) {
        vt_command_line_free(line);
        g_set_error_literal(error, VT_ERROR, VT_ERROR_GENERIC, "use 'vintage-vm -help' for options of the VM");
        return NULL;
    }
    return line;
}

VtCommandLine *
tool_vm_of(const VtSchema *schema, const char *release, const ToolArguments *arguments, GError **error)
{
    return arguments->has_vm ? tool_vm_new(schema, release, arguments->n_vm, arguments->vm, error)
                             : tool_vm_new(schema, release, 1, (char **)arguments->words->pdata, error);
}
