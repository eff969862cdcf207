/* SPDX-License-Identifier: MIT */
/*
 * Command lines of vintage-vm, with words separated by NUL or newline: planned and resolved, not realized.
 */
#include "fuzz.h"

#include "lib/fuzz-host.h"
#include "lib/fuzz-vm.h"
#include "vt-gen/program-vintage-vm.h"

#define WORDS_MAX 64

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
    const VtSchema *schema = fuzz_schema(program);
    g_autofree char *text = g_strndup((const char *)bytes, len);
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL;

    for (size_t i = 0; i < len; i++) {
        text[i] = bytes[i] ? (char)bytes[i] : '\n';
    }
    words = g_strsplit(text, "\n", WORDS_MAX);
    line = vt_command_line_new(program, schema, (int)g_strv_length(words), words, &error);
    if (line && vt_command_line_wants_help(line)) {
        g_free(vt_command_line_help(program, schema, line, NULL));
    }
    if (line) {
    }
    fuzz_plan(line, &error);
    fuzz_host_check();
    return 0;
}
