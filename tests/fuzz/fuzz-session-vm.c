/* SPDX-License-Identifier: MIT */
/*
 * QMP sessions of vintage-vm: splitting, dispatch, plan, realize and replies.
 */
#include "fuzz.h"

#include "lib/fuzz-host.h"
#include "lib/fuzz-session.h"
#include "vt-gen/program-vintage-vm.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_host_enter();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    fuzz_session(&vt_program_vintage_vm, true, bytes, len);
    return 0;
}
