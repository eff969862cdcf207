/* SPDX-License-Identifier: MIT */
/*
 * vintage import: a VM that QEMU runs, as a configuration.
 */
#include <stdio.h>

#include "tool-forms.h"
#include "tool-running.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

typedef struct Import {
    const char *pid, *argv, *release; /* options */
    ToolRunning running;
} Import;

/* ---- where it is from ---------------------------------------------------------------------------------- */

static bool
read_file(Import *import, GError **error)
{
    const char *why = NULL;
    size_t len = 0;
    g_autofree char *text = vt_file_read(import->argv, VT_ENGINE_WORDS_MAX, &len, &why);

    if (!text) {
        return vt_error_set(error, "%s: cannot be read: %s", import->argv, why);
    }
    import->running.foreign.words = vt_engine_words_of_text(text, len, error);
    if (!import->running.foreign.words) {
        g_prefix_error(error, "%s: ", import->argv);
    }
    return import->running.foreign.words;
}

static bool
read_source(Import *import, const ToolArguments *arguments, GError **error)
{
    if (import->pid) {
        return tool_running_read(&import->running, import->pid, error);
    }
    if (import->argv) {
        return read_file(import, error);
    }
    import->running.foreign.words = g_strdupv(arguments->vm);
    return true;
}

/* ---- what it is ---------------------------------------------------------------------------------------- */

static int
run_import(Import *import, const ToolArguments *arguments, const char *form, bool json)
{
    const GPtrArray *left = import->running.terms.left;
    g_autoptr(GError) error = NULL;
    int status;

    if (!read_source(import, arguments, &error) || !tool_running_import(&import->running, import->release, &error)) {
        return tool_failed(error);
    }
    status = tool_form_print(import->running.imported.line, import->running.imported.config, form, json);
    for (guint i = 0; i < left->len; i++) {
        fprintf(stderr, "vintage: left out: %s\n", (char *)left->pdata[i]);
    }
    return status == TOOL_DONE && left->len ? TOOL_INCOMPLETE : status;
}

int
tool_import(int argc, char **argv)
{
    Import import = {NULL};
    bool json = false;
    const char *form = "config";
    const ToolOption own[] = {
        TOOL_PID(&import.pid),
        {.name = "--argv", .value = &import.argv, .word = "FILE", .doc = "reads a file with a command line of QEMU"},
        TOOL_FORM(&form),
        TOOL_JSON(&json),
        TOOL_RELEASE(&import.release),
        {NULL}};
    g_auto(ToolArguments) arguments = {NULL};
    g_autoptr(VtSchema) schema = NULL;
    int status;

    if (!tool_arguments_parse(&arguments, "import", own, argc, argv) || !tool_form_check("import", form)) {
        return TOOL_WRONG_USE;
    }
    if (!!import.pid + !!import.argv + (arguments.n_vm > 0) != 1 || arguments.words->len) {
        return tool_misused("import", "expected one of --pid, --argv, or '--' and the command line of QEMU");
    }
    schema = tool_schema_new();
    tool_running_init(&import.running, schema);
    status = run_import(&import, &arguments, form, json);
    tool_running_clear(&import.running);
    return status;
}
