/* SPDX-License-Identifier: MIT */
/*
 * Valid command lines, converted to a configuration file, arguments and commands.  The file and the arguments give the
 * same file again.
 */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/json.h"

static const VtProgram *const program = &vt_program_vintage_vm;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    fuzz_host_reset();
    return 0;
}

/* The text of the configuration file, or NULL: JSON cannot hold its values. */
static char *
config_text(json_object *config)
{
    g_autofree char *text = vt_json_text(config);

    return g_utf8_validate(text, -1, NULL) ? g_steal_pointer(&text) : NULL;
}

/* @line: NULL on @error.  Takes ownership of it. */
static void
expect_same(VtCommandLine *line, const char *expected, GError *error)
{
    json_object *config;
    g_autofree char *text = NULL;

    g_assert_no_error(error);
    config = vt_command_line_convert(line, &error);
    g_assert_no_error(error);
    text = config_text(config);
    g_assert_cmpstr(text, ==, expected);
    json_object_put(config);
    vt_command_line_free(line);
}

static void
check_file(const char *text)
{
    GError *error = NULL;

    fuzz_host_write("config.json", text, strlen(text));
    expect_same(vt_command_line_new_file(program, fuzz_schema(program), "config.json", &error), text, error);
    unlink("config.json");
}

static void
check_arguments(VtCommandLine *line, json_object *config, bool json, const char *text)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) words = vt_command_line_arguments(line, config, json, &error);

    g_assert_no_error(error);
    expect_same(vt_command_line_new(program, fuzz_schema(program), (int)words->len, (char **)words->pdata, &error),
                text, error);
}

static void
convert(VtCommandLine *line)
{
    g_autoptr(VtVm) vm = vt_command_line_plan(line, NULL, NULL);
    g_autoptr(GPtrArray) left = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    json_object *config = vm ? vt_command_line_convert(line, &error) : NULL;
    g_autofree char *text = config ? config_text(config) : NULL;

    g_assert_true(!vm || !config == !!error);
    if (text) {
        json_object_put(vt_command_line_commands(line, config, left));
        check_file(text);
        check_arguments(line, config, false, text);
        check_arguments(line, config, true, text);
    }
    json_object_put(config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    g_auto(GStrv) words = fuzz_words(bytes, len);
    g_autoptr(VtCommandLine) line =
        vt_command_line_new(program, fuzz_schema(program), (int)g_strv_length(words), words, NULL);

    if (line && !vt_command_line_wants_help(line)) {
        convert(line);
    }
    fuzz_host_check();
    return 0;
}
