/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: read, planned and resolved, not realized.  As a later file, it changes its own objects.
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
    char words[][sizeof "config.json"] = {"-config", "config.json", "-config", "config.json"};
    char *argv[] = {words[0], words[1], words[2], words[3], NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL, twice = NULL;

    fuzz_host_write("config.json", bytes, len);
    line = vt_command_line_new_file(program, fuzz_schema(program), "config.json", &error);
    if (line) {
        twice = vt_command_line_new(program, fuzz_schema(program), G_N_ELEMENTS(argv) - 1, argv, NULL);
    }
    fuzz_plan(line, &error);
    fuzz_host_check();
    return 0;
}
