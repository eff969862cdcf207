/* SPDX-License-Identifier: MIT */
/*
 * Section files (-readconfig): read, planned and resolved, not realized.
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
    char words[][sizeof "-readconfig"] = {"-readconfig", "sections"};
    char *argv[] = {words[0], words[1], NULL};
    const VtProgram *program = &vt_program_vintage_vm;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCommandLine) line = NULL;

    fuzz_host_write("sections", bytes, len);
    line = vt_command_line_new(program, fuzz_schema(program), 2, argv, &error);
    fuzz_plan(line, &error);
    fuzz_host_check();
    return 0;
}
