/* SPDX-License-Identifier: MIT */
/*
 * query-cryptodev: the cryptography backends.
 */
#include <json-c/json.h>

#include "cryptodev.h"
#include "vt-runtime/monitor.h"

static json_object *
describe(VtObject *object, const VtCryptodevKind *kind)
{
    const VtCryptodevBackend *config = vt_object_config(object);
    const char *type = vt_enum_name(vt_object_class(object)->schema, "QCryptodevBackendType", kind->type);
    json_object *row = json_object_new_object(), *services = json_object_new_array(), *queues = json_object_new_array();

    if (kind->cipher) {
        json_object_array_add(services, json_object_new_string("cipher"));
    }
    if (kind->akcipher) {
        json_object_array_add(services, json_object_new_string("akcipher"));
    }
    for (uint32_t i = 0; i < config->queues; i++) {
        json_object *queue = json_object_new_object();

        json_object_object_add(queue, "queue", json_object_new_int64(i));
        json_object_object_add(queue, "type", json_object_new_string(type));
        json_object_array_add(queues, queue);
    }
    json_object_object_add(row, "id", json_object_new_string(vt_object_id(object)));
    json_object_object_add(row, "service", services);
    json_object_object_add(row, "client", queues);
    return row;
}

bool
vt_qmp_query_cryptodev(VtMonitor *monitor, VtQCryptodevInfoList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret, (void)error;
    for (guint i = 0; i < entries->len; i++) {
        VtObject *object = g_array_index(entries, VtEntryKey, i).object;
        const VtCryptodevKind *kind = vt_cryptodev_kind(object);

        if (kind) {
            json_object_array_add(list, describe(object, kind));
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
