/* SPDX-License-Identifier: MIT */
/*
 * All machines: the CPU topology, and the memory backend, whose size equals the memory size, and which follows the
 * machine's memory options.
 */
#include "machine.h"

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

static bool
validate(VtObject *machine, GError **error)
{
    const VtMachineConfig *config = vt_object_config(machine);
    VtObject *target = config->memory_backend.target;
    const VtMemoryBackend *backend = target ? vt_object_config(target) : NULL;

    if (!vt_machine_check_smp(machine, error)) {
        return false;
    }
    return !backend || backend->size == config->memory.size ||
           vt_error_set(error,
                        "memory-backend: '%s' has %" G_GUINT64_FORMAT
                        " bytes; expected the memory size of the machine, %" G_GUINT64_FORMAT,
                        config->memory_backend.id, backend->size, config->memory.size);
}

static bool
realize(VtObject *machine, GError **error)
{
    const VtMachineConfig *config = vt_object_config(machine);
    VtObject *backend = config->memory_backend.target;
    bool by_path = backend && (vt_object_is_a(backend, "memory-backend-ram") ? config->canonical_ramblock_id
                                                                             : config->canonical_file_ramblock_id);
    g_autofree char *path = by_path ? vt_object_path(backend) : NULL;
    const VtClaim claim = {
        .ramblock_name = by_path ? path : config->memory_backend.id,
        .merge = config->mem_merge,
        .dump = config->dump_guest_core,
    };

    return !backend || vt_backend_claim(machine, &config->memory_backend, &claim, error);
}

const VtOps vt_ops_machine = {.validate = validate, .realize = realize};
