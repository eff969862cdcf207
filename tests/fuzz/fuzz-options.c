/* SPDX-License-Identifier: MIT */
/*
 * Command lines of vintage-vm: planned and resolved, not realized, then hidden from other processes.
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
    const VtSchema *schema = fuzz_schema(program);
    g_auto(GStrv) words = fuzz_words(bytes, len);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = vt_command_line_new(program, schema, (int)g_strv_length(words), words, &error);

    fuzz_plan(line, &error);
    if (line && vt_command_line_wants_help(line)) {
        g_free(vt_command_line_help(program, schema, line, NULL));
    } else if (line) {
        vt_command_line_hide_arguments(line);
    }
    fuzz_host_check();
    return 0;
}
