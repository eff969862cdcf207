/* SPDX-License-Identifier: MIT */
/*
 * Memory modules: the machine has slots and room for them, by '-m slots=,maxmem='.
 */
#include "vt-hw/dimm.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

/* Of memory of the host that is as large as a module. */
#define DIMM_ALIGNMENT (2 << 20)

typedef struct Dimms {
    uint64_t n, size;
} Dimms;

static const VtMemoryBackend *
backend_of(VtObject *device)
{
    const VtPcDimm *dimm = vt_object_is_a(device, "pc-dimm") ? vt_object_config(device) : NULL;

    return dimm && dimm->memdev.target ? vt_object_config(dimm->memdev.target) : NULL;
}

static bool
add_dimm(VtObject *device, void *opaque)
{
    const VtMemoryBackend *backend = backend_of(device);
    Dimms *dimms = opaque;

    dimms->n += backend != NULL;
    dimms->size += backend ? backend->size : 0;
    return true;
}

static bool
count_node(VtObject *object, void *opaque)
{
    *(uint64_t *)opaque += vt_object_is_a(object, "numa-node");
    return true;
}

/* A machine without nodes has the node 0 alone. */
static bool
check_place(VtObject *device, const VtPcDimm *dimm, GError **error)
{
    uint64_t nodes = 0;

    vt_vm_each(vt_object_vm(device), "numa", count_node, &nodes);
    if (dimm->node >= MAX(nodes, 1)) {
        return vt_error_set(
            error, "node: '%u' is out of range, because the number of NUMA nodes of the machine is %" G_GUINT64_FORMAT,
            dimm->node, MAX(nodes, 1));
    }
    return !(dimm->addr % DIMM_ALIGNMENT) ||
           vt_error_set(error, "addr: 0x%" G_GINT64_MODIFIER "x is not a multiple of 2 MiB", dimm->addr);
}

static uint64_t
number(json_object *memory, const char *key)
{
    json_object *value;

    return json_object_object_get_ex(memory, key, &value) ? json_object_get_uint64(value) : 0;
}

bool
vt_dimm_check(VtObject *device, GError **error)
{
    const VtObject *machine = vt_vm_machine(vt_object_vm(device));
    const VtProp *prop = machine ? vt_class_prop(vt_object_class(machine), "memory", strlen("memory")) : NULL;
    json_object *memory = NULL;
    uint64_t slots, size, limit;
    const VtPcDimm *dimm = vt_object_is_a(device, "pc-dimm") ? vt_object_config(device) : NULL;
    Dimms dimms = {0};
    bool ok = true;

    if (!prop || !backend_of(device)) {
        return true;
    }
    if (backend_of(device)->size % DIMM_ALIGNMENT) {
        return vt_error_set(error, "memdev: the size %" G_GUINT64_FORMAT " is not a multiple of 2 MiB",
                            backend_of(device)->size);
    }
    if (!check_place(device, dimm, error)) {
        return false;
    }
    vt_object_values(machine, prop, 0, NULL, &memory);
    slots = number(memory, "slots");
    size = number(memory, "size");
    limit = number(memory, "max-size");
    vt_vm_each(vt_object_vm(device), "device", add_dimm, &dimms);
    if (dimm->slot >= 0 && (uint64_t)dimm->slot >= slots && slots) {
        ok = vt_error_set(error, "slot: '%d' is out of range; expected 0 to %" G_GUINT64_FORMAT, dimm->slot, slots - 1);
    } else if (dimms.n > slots) {
        ok = vt_error_set(error,
                          "memdev: the machine has %" G_GUINT64_FORMAT
                          " memory slots; expected memory.slots=%" G_GUINT64_FORMAT " or more",
                          slots, dimms.n);
    } else if (dimms.size > limit - size) {
        ok = vt_error_set(error,
                          "memdev: the memory exceeds the maximum of the machine, %" G_GUINT64_FORMAT
                          " bytes; expected memory.max-size=%" G_GUINT64_FORMAT " or more",
                          limit, size + dimms.size);
    }
    json_object_put(memory);
    return ok;
}
