/* SPDX-License-Identifier: MIT */
/*
 * query-block, query-named-block-nodes: block nodes and the devices that use them.
 */
#include "query-block.h"

#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "drive-limits.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"

#define DRIVE "block-backend"

static void
add_int(json_object *row, const char *key, int64_t value)
{
    json_object_object_add(row, key, json_object_new_int64(value));
}

/* ---- a node -------------------------------------------------------------------------------------------- */

const char *
vt_block_node_name(GArray *entries, const VtBlockNode *node)
{
    for (guint i = 0; i < entries->len; i++) {
        const VtEntryKey *entry = &g_array_index(entries, VtEntryKey, i);

        if (entry->object == node->object) {
            return vt_object_id(node->object) ? vt_object_id(node->object) : entry->key;
        }
    }
    /* An image has made it by its header. */
    return vt_object_id(node->object) ? vt_object_id(node->object) : "";
}

static json_object *
describe_image(VtBlockNode *node, bool flat)
{
    json_object *image = json_object_new_object();
    const VtBlockNode *lowest = node;
    VtBlockNode *backing = vt_block_node_other(node, "backing");
    struct stat about;

    while (node->driver->describe && lowest->child) {
        lowest = lowest->child;
    }

    vt_json_add_text(image, "filename", node->filename);
    vt_json_add_text(image, "format", vt_object_class(node->object)->tag);
    add_int(image, "virtual-size", vt_block_node_length(node));
    if (!lowest->child && lowest->filename && stat(lowest->filename, &about) == 0) {
        add_int(image, "actual-size", (int64_t)about.st_blocks * 512);
    }
    if (node->driver->describe) {
        node->driver->describe(node, image);
    }
    if (backing && !flat) {
        json_object_object_add(image, "backing-image", describe_image(backing, false));
    }
    return image;
}

static json_object *
describe_cache(const VtBlockNode *node)
{
    json_object *cache = json_object_new_object();

    vt_json_add_bool(cache, "writeback", true);
    vt_json_add_bool(cache, "direct", node->direct);
    vt_json_add_bool(cache, "no-flush", node->no_flush);
    return cache;
}

static void
add_child(json_object *children, GArray *entries, const char *name, const VtBlockNode *node)
{
    json_object *child = json_object_new_object();

    vt_json_add_text(child, "child", name);
    vt_json_add_text(child, "node-name", vt_block_node_name(entries, node));
    json_object_array_add(children, child);
}

static json_object *
describe_children(GArray *entries, const VtBlockNode *node)
{
    json_object *children = json_object_new_array();

    if (node->child) {
        add_child(children, entries, "file", node->child);
    }
    for (unsigned i = 0; i < node->n_others; i++) {
        add_child(children, entries, node->others[i].name, node->others[i].node);
    }
    return children;
}

static void
add_backing(json_object *row, const VtBlockNode *node)
{
    const VtBlockNode *backing = vt_block_node_other(node, "backing");
    int64_t depth = 0;

    if (backing) {
        vt_json_add_text(row, "backing_file", backing->filename);
    }
    for (; backing; backing = vt_block_node_other(backing, "backing")) {
        depth++;
    }
    add_int(row, "backing_file_depth", depth);
}

static json_object *
describe(GArray *entries, VtBlockNode *node, bool flat)
{
    static const char *const limits[] = {"bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"};
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "file", node->filename);
    vt_json_add_text(row, "node-name", vt_block_node_name(entries, node));
    vt_json_add_bool(row, "ro", node->read_only);
    vt_json_add_text(row, "drv", vt_object_class(node->object)->tag);
    add_backing(row, node);
    json_object_object_add(row, "children", describe_children(entries, node));
    vt_json_add_bool(row, "active", true);
    vt_json_add_bool(row, "encrypted", false);
    vt_json_add_text(
        row, "detect_zeroes",
        vt_enum_name(vt_object_class(node->object)->schema, "BlockdevDetectZeroesOptions", node->detect_zeroes));
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        add_int(row, limits[i], 0);
    }
    json_object_object_add(row, "image", describe_image(node, flat));
    if (vt_object_is_a(node->object, "blockdev-throttle")) {
        const VtBlockdevThrottle *config = vt_object_config(node->object);

        vt_json_add_text(row, "group", config->throttle_group.id);
    }
    json_object_object_add(row, "cache", describe_cache(node));
    add_int(row, "write_threshold", 0);
    return row;
}

VtBlockNode *
vt_block_entry_node(const VtEntryKey *entry)
{
    bool is_node = vt_object_is_a(entry->object, "blockdev") && !vt_object_is_a(entry->object, DRIVE) &&
                   vt_object_realized(entry->object);

    return is_node ? vt_block_node(entry->object) : NULL;
}

VtBlockNode *
vt_block_medium(VtBlockNode *node)
{
    return vt_object_is_a(node->object, DRIVE) ? node->child : node;
}

/* ---- a device ------------------------------------------------------------------------------------------ */

typedef struct Search {
    VtObject *node;
    const char *path;
} Search;

static bool
look(VtConfig *config, const char *path, const VtLayer *layer, const VtRow *row, VtRef *ref, void *opaque,
     GError **error)
{
    Search *search = opaque;

    (void)config, (void)layer, (void)error;
    if (!ref->target || !vt_object_is_a(ref->target, "blockdev")) {
        return true;
    }
    search->node = ref->target;
    search->path = vt_str(layer, row->name);
    (void)path;
    return false;
}

const VtProp *
vt_block_entry_user(const VtEntryKey *entry, VtBlockNode **ret_node)
{
    const VtClassInfo *info = vt_object_class(entry->object);
    Search search = {NULL, NULL};

    if (info->row->layer != VT_CLASS_DEVICE || !vt_object_realized(entry->object)) {
        return NULL;
    }
    vt_config_each_ref(vt_object_writable_full_config(entry->object), look, &search, NULL);
    if (!search.node) {
        return NULL;
    }
    *ret_node = vt_block_node(search.node);
    return vt_class_prop(info, search.path, strlen(search.path));
}

VtObject *
vt_block_entry_device(const VtEntryKey *entry, VtBlockNode **ret_node)
{
    const VtClassInfo *info = vt_object_class(entry->object);
    const VtProp *prop;

    *ret_node = NULL;
    prop = vt_block_entry_user(entry, ret_node);
    /* The disk of a transport device is the device embedded in it. */
    return prop && prop->child ? vt_object_child(entry->object, info->child_names[prop->child - 1])
           : *ret_node         ? entry->object
                               : NULL;
}

char *
vt_block_device_name(VtObject *device)
{
    return vt_object_id(device) ? g_strdup(vt_object_id(device)) : vt_object_path(device);
}

/* ---- commands ------------------------------------------------------------------------------------------ */

/* The nodes that images have made by their headers: their VM is another one. */
static void
add_implicit(json_object *list, GArray *entries, const VtBlockNode *node, bool flat)
{
    for (unsigned i = 0; i < node->n_others; i++) {
        VtBlockNode *other = node->others[i].node;

        for (; other && vt_object_vm(other->object) != vt_object_vm(node->object); other = other->child) {
            json_object_array_add(list, describe(entries, other, flat));
            add_implicit(list, entries, other, flat);
        }
    }
}

bool
vt_qmp_query_named_block_nodes(VtMonitor *monitor, const VtQObjQueryNamedBlockNodesArg *arg, VtBlockDeviceInfoList *ret,
                               GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret, (void)error;
    for (guint i = 0; i < entries->len; i++) {
        VtBlockNode *node = vt_block_entry_node(&g_array_index(entries, VtEntryKey, i));

        if (node) {
            json_object_array_add(list, describe(entries, node, arg->flat));
            add_implicit(list, entries, node, arg->flat);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

/* A device with the node that it uses, or a drive that no device uses. @qdev: NULL without a device. */
static json_object *
describe_use(GArray *entries, const char *qdev, VtBlockNode *node)
{
    VtBlockNode *medium = vt_block_medium(node);
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "device", medium == node ? "" : vt_object_id(node->object));
    if (qdev) {
        vt_json_add_text(row, "qdev", qdev);
    }
    vt_json_add_text(row, "type", "unknown");
    vt_json_add_bool(row, "removable", false);
    vt_json_add_bool(row, "locked", false);
    if (medium) {
        json_object *inserted = describe(entries, medium, false);

        if (medium != node) {
            vt_drive_limits_show(node->object, inserted);
        }
        json_object_object_add(row, "inserted", inserted);
    }
    return row;
}

bool
vt_qmp_query_block(VtMonitor *monitor, const VtQObjQueryBlockArg *arg, VtBlockInfoList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    g_autoptr(GHashTable) used = g_hash_table_new(NULL, NULL);
    json_object *list = json_object_new_array();

    (void)arg, (void)ret, (void)error;
    for (guint i = 0; i < entries->len; i++) {
        VtBlockNode *node;
        VtObject *device = vt_block_entry_device(&g_array_index(entries, VtEntryKey, i), &node);

        if (device) {
            g_autofree char *name = vt_block_device_name(device);

            g_hash_table_add(used, node);
            json_object_array_add(list, describe_use(entries, name, node));
        }
    }
    for (guint i = 0; i < entries->len; i++) {
        VtObject *object = g_array_index(entries, VtEntryKey, i).object;

        if (vt_object_is_a(object, DRIVE) && vt_object_realized(object) &&
            !g_hash_table_contains(used, vt_block_node(object))) {
            json_object_array_add(list, describe_use(entries, NULL, vt_block_node(object)));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

VtBlockNode *
vt_block_device_node(const VtVm *vm, GArray *entries, const char *name)
{
    VtObject *drive = vt_vm_find(vm, "block-node", name);

    if (drive && vt_object_is_a(drive, DRIVE) && vt_object_realized(drive)) {
        return vt_block_node(drive);
    }
    for (guint i = 0; i < entries->len; i++) {
        const VtEntryKey *entry = &g_array_index(entries, VtEntryKey, i);
        VtBlockNode *node;
        VtObject *device = vt_block_entry_device(entry, &node);
        g_autofree char *path = device ? vt_block_device_name(device) : NULL;

        if (device && (g_strcmp0(path, name) == 0 || g_strcmp0(vt_object_id(entry->object), name) == 0)) {
            return node;
        }
    }
    return NULL;
}

bool
vt_qmp_block_resize(VtMonitor *monitor, const VtQObjBlockResizeArg *arg, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    g_autoptr(GArray) entries = vt_vm_objects(vm);
    VtBlockNode *node;

    if (!arg->device == !arg->node_name) {
        return vt_error_set(error, "expected exactly one of 'device' and 'node-name'");
    }
    if (arg->device) {
        node = vt_block_device_node(vm, entries, arg->device);
        if (!node) {
            g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", arg->device);
            return false;
        }
    } else {
        VtObject *object = vt_vm_find(vm, "block-node", arg->node_name);

        if (!object || !vt_object_realized(object)) {
            return vt_error_set(error, "Failed to find node with node-name='%s'", arg->node_name);
        }
        node = vt_block_node(object);
    }
    return vt_block_resize(node->object, arg->size, error);
}
