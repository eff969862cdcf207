/* SPDX-License-Identifier: MIT */
/*
 * query-pci: the functions on PCI root buses, as they are before the guest's firmware has set them up.  BARs have no
 * address, and bridges no bus numbers, so nothing is found below bridges.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-hw/pci.h"
#include "vt-hw/virtio.h"
#include "vt-runtime/input.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"

#define UNMAPPED (-1) /* address of a BAR that nothing has set */

/* Last addresses of the windows of a bridge after a reset, and first ones if that closes them. */
#define IO_LIMIT      0x0fff
#define MEMORY_LIMIT  0x000fffff
#define IO_CLOSED     0xf000
#define MEMORY_CLOSED 0xfff00000

typedef struct Function {
    const VtClassInfo *class;
    VtObject *device; /* NULL: a function of the board */
    int devfn;
} Function;

static void
add_int(json_object *object, const char *key, int64_t value)
{
    json_object_object_add(object, key, json_object_new_int64(value));
}

/* ---- identity -------------------------------------------------------------------------------------------- */

/* Replaces *@value by that of the property @name (may be NULL) of @device, unless it is 0. */
static void
replace(const VtObject *device, const char *name, uint16_t *value)
{
    const VtClassInfo *info = vt_object_class(device);
    const VtProp *prop = name ? vt_class_prop(info, name, strlen(name)) : NULL;
    uint64_t given = prop ? vt_field_get_uint(info->schema, prop->layer, prop->row,
                                              (const char *)vt_object_config(device) + prop->offset)
                          : 0;

    if (given) {
        *value = (uint16_t)given;
    }
}

static void
adapt(VtPciIdentity *identity, VtObject *device)
{
    const VtPciIdentityMembers *members = &identity->members;
    uint16_t code = identity->class;

    replace(device, members->vendor, &identity->vendor);
    replace(device, members->device, &identity->device);
    replace(device, members->class, &identity->class);
    if (identity->class != code) {
        g_clear_pointer(&identity->description, g_free);
    }
    replace(device, members->subsystem_vendor, &identity->subsystem_vendor);
    replace(device, members->subsystem, &identity->subsystem);
    if (identity->modern_device) {
        if (vt_virtio_pci_interfaces(device).legacy) {
            identity->subsystem = (uint16_t)(identity->modern_device - VT_VIRTIO_PCI_MODERN_ID);
        } else {
            identity->device = identity->modern_device;
        }
    }
}

/* ---- answer ---------------------------------------------------------------------------------------------- */

static json_object *
range(int64_t base, int64_t limit)
{
    json_object *row = json_object_new_object();

    add_int(row, "base", base);
    add_int(row, "limit", limit);
    return row;
}

static json_object *
bridge(bool closed)
{
    json_object *row = json_object_new_object(), *bus = json_object_new_object();

    add_int(bus, "number", 0);
    add_int(bus, "secondary", 0);
    add_int(bus, "subordinate", 0);
    json_object_object_add(bus, "io_range", range(closed ? IO_CLOSED : 0, IO_LIMIT));
    json_object_object_add(bus, "memory_range", range(closed ? MEMORY_CLOSED : 0, MEMORY_LIMIT));
    json_object_object_add(bus, "prefetchable_range", range(closed ? MEMORY_CLOSED : 0, MEMORY_LIMIT));
    json_object_object_add(row, "bus", bus);
    return row;
}

static json_object *
regions(const VtPciIdentity *identity)
{
    json_object *rows = json_object_new_array();

    for (size_t i = 0; i < identity->regions.n; i++) {
        const VtPciIdentityRegion *region = &identity->regions.v[i];
        json_object *row = json_object_new_object();

        add_int(row, "bar", region->bar);
        vt_json_add_text(row, "type", region->io ? "io" : "memory");
        add_int(row, "address", UNMAPPED);
        add_int(row, "size", (int64_t)region->size);
        if (!region->io) {
            vt_json_add_bool(row, "prefetch", region->prefetch);
            vt_json_add_bool(row, "mem_type_64", region->wide);
        }
        json_object_array_add(rows, row);
    }
    return rows;
}

static json_object *
class_info(const VtPciIdentity *identity)
{
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "desc", identity->description);
    add_int(row, "class", identity->class);
    return row;
}

static json_object *
id_of(const VtPciIdentity *identity)
{
    json_object *row = json_object_new_object();

    add_int(row, "device", identity->device);
    add_int(row, "vendor", identity->vendor);
    if (!identity->bridge) {
        add_int(row, "subsystem", identity->subsystem);
        add_int(row, "subsystem-vendor", identity->subsystem_vendor);
    }
    return row;
}

/* NULL: what the class has for drivers is not known. */
static json_object *
describe(const Function *function, int64_t bus)
{
    VtPciIdentity identity = {0};
    const char *id = function->device ? vt_object_id(function->device) : NULL;
    json_object *row;

    if (!vt_identity_read(function->class, &identity)) {
        return NULL;
    }
    if (function->device) {
        adapt(&identity, function->device);
    }
    row = json_object_new_object();
    add_int(row, "bus", bus);
    add_int(row, "slot", VT_PCI_SLOT(function->devfn));
    add_int(row, "function", VT_PCI_FUNCTION(function->devfn));
    json_object_object_add(row, "class_info", class_info(&identity));
    json_object_object_add(row, "id", id_of(&identity));
    if (identity.pin) {
        add_int(row, "irq", 0);
    }
    add_int(row, "irq_pin", identity.pin);
    vt_json_add_text(row, "qdev_id", id ? id : "");
    if (identity.bridge) {
        json_object_object_add(row, "pci_bridge", bridge(identity.closed_windows));
    }
    json_object_object_add(row, "regions", regions(&identity));
    vt_identity_clear(function->class, &identity);
    return row;
}

/* ---- buses ----------------------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
    return ((const Function *)a)->devfn - ((const Function *)b)->devfn;
}

/* The functions of the board and the devices on @bus, by address. */
static GArray *
functions_on(const VtBus *bus)
{
    const VtSchema *schema = vt_object_class(bus->owner)->schema;
    GArray *functions = g_array_new(FALSE, FALSE, sizeof(Function));

    for (const char **reserved = bus->reserved; reserved && *reserved; reserved += 2) {
        Function function = {.class = vt_schema_class(schema, reserved[1])};
        int64_t devfn;

        if (function.class && vt_codec_pci_devfn.parse(reserved[0], &devfn, NULL)) {
            function.devfn = (int)devfn;
            g_array_append_val(functions, function);
        }
    }
    for (guint i = 0; i < bus->devices->len; i++) {
        VtObject *device = bus->devices->pdata[i];
        const VtPciDevice *config = vt_object_config(device);
        Function function = {vt_object_class(device), device, config->addr};

        g_array_append_val(functions, function);
    }
    g_array_sort(functions, compare);
    return functions;
}

static void
add_bus(const VtBus *bus, json_object *answer)
{
    g_autoptr(GArray) functions = functions_on(bus);
    json_object *row = json_object_new_object(), *devices = json_object_new_array();
    uint16_t number = 0;

    replace(bus->owner, "bus_nr", &number);
    for (guint i = 0; i < functions->len; i++) {
        json_object *device = describe(&g_array_index(functions, Function, i), number);

        if (device) {
            json_object_array_add(devices, device);
        }
    }
    add_int(row, "bus", number);
    json_object_object_add(row, "devices", devices);
    json_object_array_add(answer, row);
}

static void
add_buses(const VtObject *object, json_object *answer)
{
    size_t n;
    VtBus *const *buses = vt_object_buses(object, &n);

    for (size_t i = 0; i < n; i++) {
        if (vt_schema_bus_is_a(vt_object_class(object)->schema, buses[i]->type, "PCI") &&
            vt_pci_bus_is_root(buses[i])) {
            add_bus(buses[i], answer);
        }
    }
}

bool
vt_qmp_query_pci(VtMonitor *monitor, VtPciInfoList *ret, GError **error)
{
    const VtVm *vm = vt_monitor_service(monitor)->vm;
    g_autoptr(GPtrArray) objects = vt_vm_in_order(vm);
    json_object *answer = json_object_new_array();

    (void)ret;
    (void)error;
    for (guint i = objects->len; i > 0; i--) {
        add_buses(objects->pdata[i - 1], answer);
    }
    vt_monitor_answer(monitor, answer);
    return true;
}
