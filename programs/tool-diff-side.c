/* SPDX-License-Identifier: MIT */
#include "tool-diff-side.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
diff_side_is_file(const char *word)
{
    return strchr(word, '/') || g_str_has_suffix(word, ".json") || g_str_has_suffix(word, ".xml") ||
           g_file_test(word, G_FILE_TEST_EXISTS);
}

bool
diff_side_is_one(const VtSchema *schema, const char *word)
{
    return diff_side_is_file(word) || is_machine(schema, word);
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
is_file(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* Plans a command line of QEMU for the release that runs it. */
static bool
plan_foreign(DiffSide *side, const char *release, GError **error)
{
    const GPtrArray *left = side->running.terms.left;

    if (!tool_running_import(&side->running, release, error)) {
        return false;
    }
    for (guint i = 0; i < left->len; i++) {
        fprintf(stderr, "vintage: %s: left out: %s\n", side->name, (char *)left->pdata[i]);
    }
    side->vm = tool_running_plan(&side->running, false, error);
    return side->vm;
}

static VtCommandLine *
line_of(const VtSchema *schema, const char *word, GError **error)
{
    g_autofree char *option = g_strdup("-machine"), *value = g_strdup(word);
    char *argv[] = {option, value};

    return is_machine(schema, word) && !is_file(word) ? tool_vm_new(schema, G_N_ELEMENTS(argv), argv, error)
                                                      : tool_vm_new(schema, 1, argv + 1, error);
}

bool
diff_side_open(DiffSide *side, const VtSchema *schema, const char *word, const VtOverrides *overrides, GError **error)
{
    char first = is_file(word) ? first_character(word) : '\0';

    *side = (DiffSide){.name = word};
    tool_running_init(&side->running, schema);
    if (is_socket(word)) {
        return tool_running_read_socket(&side->running, word, error) && plan_foreign(side, overrides->release, error);
    }
    if (first && first != '{' && !g_str_has_suffix(word, ".json")) {
        return tool_running_read_file(&side->running, word, first == '<', error) &&
               plan_foreign(side, overrides->release, error);
    }
    side->line = line_of(schema, word, error);
    side->vm = side->line ? vt_command_line_plan(side->line, overrides, error) : NULL;
    return side->vm;
}

VtCommandLine *
diff_side_line(const DiffSide *side)
{
    return side->line ? side->line : side->running.imported.line;
}

void
diff_side_clear(DiffSide *side)
{
    g_clear_pointer(&side->vm, vt_vm_free);
    g_clear_pointer(&side->line, vt_command_line_free);
    if (side->name) {
        tool_running_clear(&side->running);
    }
}
