/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for character devices.
 */
#include <string.h>

#include <json-c/json.h>

#include "chardev.h"
#include "pty.h"
#include "ringbuf.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

#define READ_MAX (16 << 20) /* limit in bytes: escapes may make the text of the reply six times as long */

static VtObject *
find(VtMonitor *monitor, const char *id, GError **error)
{
    VtObject *chardev = vt_vm_find(vt_monitor_service(monitor)->vm, "chardev", id);

    if (!chardev) {
        vt_error_set(error, "Chardev '%s' not found", id);
    }
    return chardev;
}

static void
add_one(json_object *list, VtObject *chardev)
{
    json_object *row = json_object_new_object();
    g_autofree char *filename = vt_chardev_filename(chardev);

    json_object_object_add(row, "label", json_object_new_string(vt_object_id(chardev)));
    json_object_object_add(row, "filename", json_object_new_string(filename));
    json_object_object_add(row, "frontend-open", json_object_new_boolean(vt_chardev_front_is_open(chardev)));
    json_object_array_add(list, row);
}

bool
vt_qmp_query_chardev(VtMonitor *monitor, VtChardevInfoList *ret, GError **error)
{
    g_autoptr(GArray) objects = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret;
    (void)error;
    for (guint i = 0; i < objects->len; i++) {
        VtObject *object = g_array_index(objects, VtEntryKey, i).object;

        if (vt_object_is_a(object, "chardev") && vt_object_realized(object)) {
            add_one(list, object);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_query_chardev_backends(VtMonitor *monitor, VtChardevBackendInfoList *ret, GError **error)
{
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
    const VtClassInfo *root = vt_schema_class(schema, "chardev");
    json_object *list = json_object_new_array();
    const VtLayer *layer;
    const VtClass *class;

    (void)ret;
    (void)error;
    for (class = vt_schema_class_from(schema, 0, &layer); class;
         class = vt_schema_class_from(schema, class->id + 1, &layer)) {
        /* Clients regard each listed class as available, so list only those. */
        if (class->root == root->row->id && !(class->flags & VT_CLASS_ABSTRACT) && class->model != VT_MODEL_NONE) {
            json_object *row = json_object_new_object();

            json_object_object_add(row, "name", json_object_new_string(vt_schema_class_by_id(schema, class->id)->tag));
            json_object_array_add(list, row);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}

bool
vt_qmp_chardev_add(VtMonitor *monitor, VtObject *created, VtChardevReturn *ret, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    json_object *answer;

    (void)ret;
    if (vt_monitor_service(monitor)->preconfig && !vt_vm_realize_first(vm, "chardev", "object", error)) {
        vt_vm_delete(vm, "chardev", vt_object_id(created), NULL);
        return false;
    }
    answer = json_object_new_object();
    if (vt_object_is_a(created, "chardev-pty") && vt_object_realized(created)) {
        json_object_object_add(answer, "pty", json_object_new_string(vt_pty_name(created)));
    }
    vt_monitor_answer(monitor, answer);
    return true;
}

bool
vt_qmp_chardev_remove(VtMonitor *monitor, const VtQObjChardevRemoveArg *arg, GError **error)
{
    VtObject *chardev = find(monitor, arg->id, error);
    const char *user;

    if (!chardev) {
        return false;
    }
    user = vt_object_realized(chardev) ? vt_chardev_user(chardev) : NULL;
    if (user) {
        return vt_error_set(error, "chardev '%s' is in use by %s", arg->id, user);
    }
    return vt_vm_delete(vt_monitor_service(monitor)->vm, "chardev", arg->id, error);
}

bool
vt_qmp_chardev_send_break(VtMonitor *monitor, const VtQObjChardevSendBreakArg *arg, GError **error)
{
    VtObject *chardev = find(monitor, arg->id, error);

    if (!chardev) {
        return false;
    }
    vt_chardev_event(chardev, VT_CHAR_BREAK);
    return true;
}

/* ---- ring buffers ---------------------------------------------------------------------------------------- */

static VtObject *
find_ringbuf(VtMonitor *monitor, const char *id, GError **error)
{
    VtObject *chardev = find(monitor, id, error);

    if (chardev && !vt_object_is_a(chardev, "chardev-ringbuf")) {
        vt_error_set(error, "%s is not a ringbuf device", id);
        return NULL;
    }
    return chardev;
}

/* Returns whether @text consists of whole groups, with padding only at the end. */
static bool
is_base64(const char *text)
{
    size_t size = strlen(text), padding = 0;

    for (size_t i = 0; i < size; i++) {
        padding += text[i] == '=';
        if ((padding && text[i] != '=') || !(g_ascii_isalnum(text[i]) || strchr("+/=", text[i]))) {
            return false;
        }
    }
    return size % 4 == 0 && padding <= 2;
}

bool
vt_qmp_ringbuf_write(VtMonitor *monitor, const VtQObjRingbufWriteArg *arg, GError **error)
{
    VtObject *chardev = find_ringbuf(monitor, arg->device, error);
    g_autofree guchar *bytes = NULL;
    gsize size = strlen(arg->data);

    if (!chardev) {
        return false;
    }
    if (arg->format == VT_DATA_FORMAT_BASE64) {
        if (!is_base64(arg->data)) {
            return vt_error_set(error, "data: expected base64");
        }
        bytes = g_base64_decode(arg->data, &size);
    }
    vt_ringbuf_write(chardev, bytes ? bytes : (const guchar *)arg->data, size);
    return true;
}

bool
vt_qmp_ringbuf_read(VtMonitor *monitor, const VtQObjRingbufReadArg *arg, char **ret, GError **error)
{
    VtObject *chardev = find_ringbuf(monitor, arg->device, error);
    g_autofree guint8 *data = NULL;
    size_t size;

    if (!chardev) {
        return false;
    }
    if (arg->size <= 0) {
        return vt_error_set(error, "size must be greater than zero");
    }
    size = MIN((size_t)MIN(arg->size, READ_MAX), vt_ringbuf_used(chardev));
    data = g_try_malloc(size + 1);
    if (!data) {
        return vt_error_set(error, "size: '%zu': the host cannot allocate the memory", size);
    }
    size = vt_ringbuf_read(chardev, data, size);
    data[size] = '\0';
    *ret = arg->format == VT_DATA_FORMAT_BASE64 ? g_base64_encode(data, size)
                                                : g_utf8_make_valid((const char *)data, (gssize)size);
    return true;
}
