/* SPDX-License-Identifier: MIT */
/*
 * vintage-vm: the process of a virtual machine.
 */
#include "vintage-vm-options.h"
#include "vt-gen/program-vintage-vm.h"

int
main(int argc, char **argv)
{
    static const ServiceProgram program = {
        .program = &vt_program_vintage_vm,
        .read = vintage_vm_read_options,
    };

    return service_main(&program, argc, argv);
}
