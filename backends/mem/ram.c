/* SPDX-License-Identifier: MIT */
/*
 * memory-backend-ram: memory of this process.  Shared memory has a file descriptor to pass to other processes.
 */
#include "memory.h"
#include "vt-gen/backends.h"

static bool
realize(VtObject *object, GError **error)
{
    const VtMemoryBackend *config = vt_object_config(object);
    VtMemorySource source = {.fd = -1};

    if (config->share) {
        source.fd = vt_memory_create_fd("memory-backend-ram", config->size, 0, false, error);
        if (source.fd < 0) {
            return false;
        }
    }
    return vt_memory_map(object, &source, error);
}

const VtOps vt_ops_memory_backend_ram = {.realize = realize};
