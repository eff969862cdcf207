/* SPDX-License-Identifier: MIT */
#include "vintage-vm-options.h"

#include "vt-gen/program-vintage-vm.h"

void
vintage_vm_read_options(const void *opaque, ServiceOptions *ret)
{
    const VtVintageVmOptions *options = opaque;

    *ret = (ServiceOptions){
        .name = options->name.guest,
        .uuid = options->uuid,
        .process = options->name.process,
        .qmp = options->qmp_server.v,
        .n_qmp = options->qmp_server.n,
        .mon = options->mon.v,
        .n_mon = options->mon.n,
        .sandbox = &options->sandbox,
        .profile = VT_SANDBOX_PROFILE_DENY_LIST,
        .run_with = &options->run_with,
        .add_fd = options->add_fd.v,
        .n_add_fd = options->add_fd.n,
        .compat = &options->compat,
        .engine = &options->engine,
        .pidfile = options->pidfile,
        .pidfile_mode = options->pidfile_mode,
        .daemonize = options->daemonize,
        .paused = options->S,
        .preconfig = options->preconfig,
        .pinned = !vt_platform_is_chosen(options->platform_version),
        .version = options->version,
        .timestamp = options->msg.timestamp,
        .guest_name = options->msg.guest_name,
        .lock_memory = options->overcommit.mem_lock,
        .reset_ends = options->action.reboot == VT_REBOOT_ACTION_SHUTDOWN,
        .shutdown_pauses = options->action.shutdown == VT_SHUTDOWN_ACTION_PAUSE,
    };
}
