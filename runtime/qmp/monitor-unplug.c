/* SPDX-License-Identifier: MIT */
/*
 * Device unplug: a request, completed by an event.
 */
#include <string.h>

#include <json-c/json.h>

#include "monitor-event.h"
#include "object/object-private.h"
#include "vt-runtime/error.h"

#define DRIVES "block-node" /* kind of objects that go with their device */

typedef struct Unplug {
    VtService *service;
    char *id;
} Unplug;

static void
unplug_free(void *opaque)
{
    Unplug *unplug = opaque;

    g_free(unplug->id);
    g_free(unplug);
}

static bool
is_unplugging(const VtService *service, const char *id)
{
    return service->unplugging && g_hash_table_contains(service->unplugging, id);
}

static void
forget(VtService *service, const char *id)
{
    g_hash_table_remove(service->unplugging, id);
    if (!g_hash_table_size(service->unplugging)) {
        g_clear_pointer(&service->unplugging, g_hash_table_unref);
    }
}

void
vt_service_unplugged(VtService *service, const char *id)
{
    VtObject *object = vt_vm_find(service->vm, "device", id);

    if (object) {
        vt_object_remove(object);
    }
}

/* The engine checks and completes the unplug; vt_service_unplugged() follows. */
static bool
relay_unplug(const VtService *service, GError **error)
{
    g_autoptr(GString) value = g_string_new(NULL);

    return service->relay->run(service->engine, &service->running, value, error);
}

/* The ids of the drives that an option made for the device: objects that a client cannot create. */
static GPtrArray *
drives_of(const VtObject *device)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; device && device->targets && i < device->targets->len; i++) {
        const VtObject *target = g_array_index(device->targets, VtTarget, i).object;

        if (target->config->made && !(target->class->info.row->flags & VT_CLASS_USER_CREATABLE) &&
            strcmp(target->class->info.root->kind, DRIVES) == 0 && vt_object_id(target)) {
            g_ptr_array_add(ids, g_strdup(vt_object_id(target)));
        }
    }
    return ids;
}

/* Completes the unplug.  The model does not wait for the guest yet.  The id stays in use until now. */
static gboolean
on_unplugged(gpointer opaque)
{
    Unplug *unplug = opaque;
    VtObject *object = vt_vm_find(unplug->service->vm, "device", unplug->id);
    g_autofree char *path = object ? vt_object_path(object) : NULL;
    g_autoptr(GPtrArray) drives = drives_of(object);
    g_autoptr(GError) error = NULL;
    json_object *data = json_object_new_object();
    const char *event = "DEVICE_DELETED";

    /* Another object may use the device since the request. */
    if (object && !vt_vm_delete(unplug->service->vm, "device", unplug->id, &error)) {
        event = "DEVICE_UNPLUG_GUEST_ERROR";
    }
    /* Another device may use the drive, which then stays. */
    for (guint i = 0; !error && i < drives->len; i++) {
        vt_vm_delete(unplug->service->vm, DRIVES, drives->pdata[i], NULL);
    }
    forget(unplug->service, unplug->id);
    json_object_object_add(data, "device", json_object_new_string(unplug->id));
    json_object_object_add(data, "path", json_object_new_string(path ? path : ""));
    vt_service_event_tree(unplug->service, event, data);
    return G_SOURCE_REMOVE;
}

bool
vt_service_unplug(VtService *service, const char *name, GError **error)
{
    /* The name may be a QOM path. */
    VtObject *object = name[0] == '/' ? vt_vm_resolve_path(service->vm, name) : vt_vm_find(service->vm, "device", name);
    g_autofree char *user = NULL;
    const char *id = object ? vt_object_id(object) : NULL;
    Unplug *unplug;

    /* The device may be gone already when the answer arrives. */
    if (service->relay && service->relay->answered(service->engine)) {
        return relay_unplug(service, error);
    }
    if (!object || !id) {
        g_set_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", name);
        return false;
    }
    if (is_unplugging(service, id)) {
        return vt_error_set(error, "Device %s is already in the process of unplug", id);
    }
    user = vt_refs_first_user(object);
    if (user) {
        return vt_error_set(error, "device '%s' is in use by %s", id, user);
    }
    if (vt_object_realized(object) && (service->relay || service->state != VT_SERVICE_PRELAUNCH) &&
        !vt_place_check_hotplug(object, error)) {
        return false;
    }
    if (service->relay) {
        return relay_unplug(service, error);
    }
    if (!service->unplugging) {
        service->unplugging = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    g_hash_table_add(service->unplugging, g_strdup(id));
    unplug = g_new(Unplug, 1);
    *unplug = (Unplug){service, g_strdup(id)};
    g_idle_add_full(G_PRIORITY_DEFAULT, on_unplugged, unplug, unplug_free);
    return true;
}
