/* SPDX-License-Identifier: MIT */
/*
 * memory-backend-ram: anonymous memory.  Its policy must fit the host nodes it is about.
 */
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define HOST_NODES_MAX 128

static bool
check_policy(const VtMemoryBackend *config, GError **error)
{
    bool is_default = config->policy == VT_HOST_MEM_POLICY_DEFAULT;

    for (size_t i = 0; i < config->host_nodes.n; i++) {
        if (config->host_nodes.v[i] >= HOST_NODES_MAX) {
            return vt_error_set(error, "host-nodes: %u exceeds the maximum %d", config->host_nodes.v[i],
                                HOST_NODES_MAX - 1);
        }
    }
    if (is_default && config->host_nodes.n) {
        return vt_error_set(error,
                            "host-nodes: policy 'default' is about no nodes; choose another policy, or no nodes");
    }
    if (!is_default && !config->host_nodes.n) {
        return vt_error_set(error, "policy: it needs host-nodes");
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtMemoryBackend *config = vt_object_config(object);

    if (config->prealloc && !config->reserve) {
        return vt_error_set(error, "prealloc=on needs the memory that reserve=off leaves unreserved");
    }
    return check_policy(config, error);
}

const VtOps vt_ops_memory_backend_ram = {.validate = validate};
