/* SPDX-License-Identifier: MIT */
/*
 * query-memory-devices, query-memory-size-summary: the memory of devices.  The machine places it in the order in which
 * they were plugged.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"

#define GIB (UINT64_C(1) << 30)

#define ARM_VIRT_RAM     GIB                  /* where the memory of the machine begins */
#define X86_HIGH_RAM     (4 * GIB)            /* where memory that is not below 4 GiB begins */
#define I440FX_ALIGNED   (3 * GIB)            /* largest memory below 4 GiB with gigabyte-align */
#define Q35_LOW_RAM      UINT64_C(0xb0000000) /* largest memory below 4 GiB without memory above it */
#define Q35_LOW_RAM_MANY (2 * GIB)            /* the same, with memory above it */
#define ALIGNMENT        (UINT64_C(2) << 20)  /* of memory of the host that is as large as a module */

/* The memory of a device. */
typedef struct Module {
    VtObject *device;
    const char *type;
    const char *address_key; /* of @data */
    VtObject *backend;
    uint64_t address, size, alignment; /* address 0: the machine chooses */
    bool slotted;
    int64_t slot; /* -1: the machine chooses */
    json_object *data;
} Module;

/* ---- where the memory of devices begins ---------------------------------------------------------------- */

static uint64_t
low_ram_limit(const VtObject *machine, uint64_t size)
{
    const VtPcCommon *config = vt_object_config(machine);
    uint64_t limit = config->max_ram_below_4g;

    if (vt_object_is_a(machine, "pc-q35")) {
        return MIN(limit, size >= Q35_LOW_RAM ? Q35_LOW_RAM_MANY : Q35_LOW_RAM);
    }
    return size >= limit && config->gigabyte_align ? MIN(limit, I440FX_ALIGNED) : limit;
}

/* 0: not known. */
static uint64_t
area_of(const VtObject *machine)
{
    const VtMachineConfig *config = vt_object_config(machine);
    uint64_t size = config->memory.size, end = 0;

    if (vt_object_is_a(machine, "pc-common")) {
        end = X86_HIGH_RAM + size - MIN(size, low_ram_limit(machine, size));
    } else if (vt_object_is_a(machine, "arm-virt")) {
        end = ARM_VIRT_RAM + size;
    } else if (vt_object_is_a(machine, "spapr-machine")) {
        end = size;
    }
    return (end + GIB - 1) / GIB * GIB;
}

/* ---- devices --------------------------------------------------------------------------------------------- */

static void
add_uint(json_object *data, const char *key, uint64_t value)
{
    json_object_object_add(data, key, json_object_new_uint64(value));
}

/* Returns whether the device has memory. */
static bool
read_backend(Module *module, const char *type, const VtRef *memdev, uint64_t address)
{
    const VtMemoryBackend *config = memdev->target ? vt_object_config(memdev->target) : NULL;

    module->type = type;
    module->backend = memdev->target;
    module->address = address;
    module->size = config ? config->size : 0;
    return config;
}

static bool
read_dimm(Module *module)
{
    const VtPcDimm *config = vt_object_config(module->device);
    bool persists = vt_object_is_a(module->device, "nvdimm");

    module->address_key = "addr";
    module->slotted = true;
    module->slot = config->slot;
    vt_json_add_bool(module->data, "hotplugged", vt_object_hotplugged(module->device));
    vt_json_add_bool(module->data, "hotpluggable", true);
    add_uint(module->data, "node", config->node);
    return read_backend(module, persists ? "nvdimm" : "dimm", &config->memdev, config->addr);
}

static bool
read_virtio_mem(Module *module, const VtVirtioMem *config)
{
    bool has_memory = read_backend(module, "virtio-mem", &config->memdev, config->memaddr);

    module->alignment = MAX(config->block_size, ALIGNMENT);
    add_uint(module->data, "requested-size", config->requested_size);
    add_uint(module->data, "block-size", config->block_size);
    add_uint(module->data, "max-size", module->size);
    add_uint(module->data, "node", config->node);
    return has_memory;
}

static bool
read_virtio_pmem(Module *module, const VtVirtioPmem *config)
{
    return read_backend(module, "virtio-pmem", &config->memdev, config->memaddr);
}

/* Returns whether @module.device has memory. */
static bool
read_device(Module *module)
{
    const VtObject *inner;

    if (vt_object_is_a(module->device, "pc-dimm")) {
        return read_dimm(module);
    }
    if (!vt_class_implements(vt_object_class(module->device), "memory-device")) {
        return false;
    }
    inner = vt_object_child(module->device, "virtio-backend");
    module->address_key = "memaddr";
    if (inner && vt_object_is_a(inner, "virtio-mem")) {
        return read_virtio_mem(module, vt_object_config(inner));
    }
    return inner && vt_object_is_a(inner, "virtio-pmem") && read_virtio_pmem(module, vt_object_config(inner));
}

static void
module_clear(void *opaque)
{
    json_object_put(((Module *)opaque)->data);
}

/* The caller frees the array. */
static GArray *
modules_of(const VtVm *vm)
{
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);
    GArray *modules = g_array_new(FALSE, FALSE, sizeof(Module));

    g_array_set_clear_func(modules, module_clear);
    for (guint i = 0; i < objects->len; i++) {
        Module module = {.device = objects->pdata[i], .alignment = ALIGNMENT, .data = json_object_new_object()};

        if (vt_object_realized(module.device) && read_device(&module)) {
            g_array_append_val(modules, module);
        } else {
            module_clear(&module);
        }
    }
    return modules;
}

/* ---- places ------------------------------------------------------------------------------------------------ */

/* The module of the first @n that overlaps @size bytes from @address, or NULL. */
static const Module *
overlap(const Module *modules, guint n, uint64_t address, uint64_t size)
{
    for (guint i = 0; i < n; i++) {
        if (modules[i].address < address + size && address < modules[i].address + modules[i].size) {
            return &modules[i];
        }
    }
    return NULL;
}

static bool
has_slot(const Module *modules, guint n, int64_t slot)
{
    for (guint i = 0; i < n; i++) {
        if (modules[i].slotted && modules[i].slot == slot) {
            return true;
        }
    }
    return false;
}

/* Gives module @n, after those before it, the first address and slot that are free. */
static void
assign(Module *modules, guint n, uint64_t area)
{
    Module *module = &modules[n];
    const Module *other;

    if (!module->address) {
        module->address = area;
        while ((other = overlap(modules, n, module->address, module->size))) {
            module->address = other->address + other->size + module->alignment - 1;
            module->address -= module->address % module->alignment;
        }
    }
    for (int64_t slot = 0; module->slot == -1; slot++) {
        module->slot = has_slot(modules, n, slot) ? -1 : slot;
    }
}

/* The guest, which does not run, plugs the memory of virtio-mem. */
static uint64_t
plugged_size(const Module *module)
{
    return strcmp(module->type, "virtio-mem") == 0 ? 0 : module->size;
}

static json_object *
describe(Module *module)
{
    json_object *row = json_object_new_object();
    g_autofree char *path = vt_object_path(module->backend);

    if (vt_object_id(module->device)) {
        vt_json_add_text(module->data, "id", vt_object_id(module->device));
    }
    vt_json_add_text(module->data, "memdev", path);
    add_uint(module->data, module->address_key, module->address);
    add_uint(module->data, "size", plugged_size(module));
    if (module->slotted) {
        add_uint(module->data, "slot", (uint64_t)module->slot);
    }
    vt_json_add_text(row, "type", module->type);
    json_object_object_add(row, "data", json_object_get(module->data));
    return row;
}

bool
vt_qmp_query_memory_devices(VtMonitor *monitor, VtMemoryDeviceInfoList *ret, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtObject *machine = vt_vm_machine(vm);
    g_autoptr(GArray) modules = modules_of(vm);
    uint64_t area = modules->len ? area_of(machine) : 0;
    json_object *list;

    (void)ret;
    if (modules->len && !area) {
        return vt_error_set(error, "only an engine places memory devices of machine '%s'",
                            vt_object_class(machine)->name);
    }
    list = json_object_new_array();
    for (guint i = 0; i < modules->len; i++) {
        Module *all = &g_array_index(modules, Module, 0);

        assign(all, i, area);
        json_object_array_add(list, describe(&all[i]));
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_query_memory_size_summary(VtMonitor *monitor, VtMemoryInfo *ret, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtObject *machine = vt_vm_machine(vm);
    const VtMachineConfig *config = machine ? vt_object_config(machine) : NULL;
    g_autoptr(GArray) modules = modules_of(vm);
    json_object *info = json_object_new_object();
    uint64_t plugged = 0;

    (void)ret;
    (void)error;
    for (guint i = 0; i < modules->len; i++) {
        plugged += plugged_size(&g_array_index(modules, Module, i));
    }
    add_uint(info, "base-memory", config ? config->memory.size : 0);
    add_uint(info, "plugged-memory", plugged);
    vt_monitor_answer(monitor, info);
    return true;
}
