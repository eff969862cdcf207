/* SPDX-License-Identifier: MIT */
/*
 * Completion of the last word of a command line.  Each candidate begins with the word.
 */
#include "fuzz.h"

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-gen/program-vintage-vm.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    fuzz_host_reset();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const VtProgram *program = &vt_program_vintage_vm;
    g_auto(GStrv) words = fuzz_words(bytes, len), lines = NULL;
    int argc = (int)g_strv_length(words);
    g_autofree char *last = g_strdup(argc ? words[argc - 1] : NULL);
    g_autofree char *text = NULL;
    guint n;

    if (!argc) {
        return 0;
    }
    text = vt_command_line_complete(program, fuzz_schema(program), 0, argc, words);
    lines = g_strsplit(text, "\n", -1);
    n = g_strv_length(lines);
    g_assert_cmpuint(n, >=, 2);
    g_assert_cmpstr(lines[n - 1], ==, "");
    g_assert_true(lines[n - 2][0] == ':');
    for (guint i = 0; i < n - 2; i++) {
        g_assert_true(g_str_has_prefix(lines[i], last));
    }
    fuzz_host_check();
    return 0;
}
