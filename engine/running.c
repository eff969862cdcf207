/* SPDX-License-Identifier: MIT */
#include "vt-engine/running.h"

#include <string.h>

#include <json-c/json.h>

#include "qom.h"
#include "vt-runtime/error.h"

#define MACHINE_SUFFIX "-machine"

void
vt_engine_running_clear(VtEngineRunning *running)
{
    g_clear_pointer(&running->target, g_free);
    g_clear_pointer(&running->machine, g_free);
}

bool
vt_engine_running_read(VtEngineClient *client, VtEngineRunning *ret_running, GError **error)
{
    g_autoptr(GArray) calls = vt_engine_calls_new();
    json_object *target, *type;

    vt_engine_calls_add(calls, "query-target", NULL);
    vt_engine_calls_add(calls, "qom-get", engine_qom_at("/machine", "type"));
    if (!vt_engine_client_batch(client, calls, error)) {
        return false;
    }
    target = json_object_object_get(g_array_index(calls, VtEngineCall, 0).result, "arch");
    type = g_array_index(calls, VtEngineCall, 1).result;
    if (!json_object_is_type(target, json_type_string) || !json_object_is_type(type, json_type_string)) {
        return vt_error_set(error, "the monitor is not that of a QEMU with a machine");
    }
    *ret_running = (VtEngineRunning){.target = g_strdup(json_object_get_string(target)),
                                     .machine = g_strdup(json_object_get_string(type))};
    if (g_str_has_suffix(ret_running->machine, MACHINE_SUFFIX)) {
        ret_running->machine[strlen(ret_running->machine) - strlen(MACHINE_SUFFIX)] = '\0';
    }
    vt_engine_client_version(client, ret_running->version);
    return true;
}
