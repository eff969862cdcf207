/* SPDX-License-Identifier: MIT */
/*
 * vintage-vm: the process of a virtual machine.
 */
#include "service-engine.h"
#include "vintage-vm-options.h"
#include "vt-engine/engine.h"
#include "vt-gen/program-vintage-vm.h"
#include "vt-machine/no-guest.h"

int
main(int argc, char **argv)
{
    static const ServiceEngineOps engine = {
        .make = vt_engine_new,
        .free = vt_engine_free,
        .choose = vt_engine_choose,
        .load = vt_engine_load,
        .prepare = vt_engine_prepare,
        .start = vt_engine_start,
        .serve = vt_engine_serve,
        .started = vt_engine_started,
        .check = vt_engine_check,
        .exit_status = vt_engine_exit_status,
    };
    static const ServiceProgram program = {
        .program = &vt_program_vintage_vm,
        .engine = &engine,
        .read = vintage_vm_read_options,
        .without_engine = vt_vm_expect_no_guest,
    };

    return service_main(&program, argc, argv);
}
