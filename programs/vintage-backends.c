/* SPDX-License-Identifier: MIT */
/*
 * vintage-backends: backends without a machine, for use by other processes.
 */
#include "service.h"
#include "vt-gen/program-vintage-backends.h"

static void
read_options(const void *opaque, ServiceOptions *ret)
{
    const VtVintageBackendsOptions *options = opaque;

    *ret = (ServiceOptions){
        .qmp = options->qmp_server.v,
        .n_qmp = options->qmp_server.n,
        .mon = options->mon.v,
        .n_mon = options->mon.n,
        .sandbox = &options->sandbox,
        .profile = VT_SANDBOX_PROFILE_PROGRAM,
        .closes_descriptors = true,
        .run_with = &options->run_with,
        .add_fd = options->add_fd.v,
        .n_add_fd = options->add_fd.n,
        .compat = &options->compat,
        .pidfile = options->pidfile,
        .pidfile_mode = options->pidfile_mode,
        .daemonize = options->daemonize,
        .pinned = !vt_platform_is_chosen(options->platform_version),
        .version = options->version,
    };
}

int
main(int argc, char **argv)
{
    static const ServiceProgram program = {
        .program = &vt_program_vintage_backends,
        .read = read_options,
        .reloads = true,
    };

    return service_main(&program, argc, argv);
}
