/* SPDX-License-Identifier: MIT */
/*
 * Commands about the session: negotiation, introspection, quit.
 */
#include <json-c/json.h>

#include "vt-gen/runtime.h"
#include "qmp-merge.h"
#include "qmp-version.h"
#include "vt-runtime/error.h"
#include "vt-runtime/monitor.h"

bool
vt_qmp_qmp_capabilities(VtMonitor *monitor, const VtQObjQmpCapabilitiesArg *arg, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);

    if (arg->enable.n) {
        if (service->relay && !service->relay->oob(service->engine, true)) {
            return vt_error_set(error, "Capability oob not available");
        }
        vt_monitor_set_oob(monitor);
    }
    vt_monitor_set_negotiated(monitor);
    return true;
}

bool
vt_qmp_query_version(VtMonitor *monitor, VtVersionInfo *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtQmpVersion version = vt_qmp_version(vt_context_schema(vt_vm_context(service->vm)));

    (void)error;
    if (service->relay) {
        vt_monitor_answer(monitor, service->relay->version(service->engine));
        return true;
    }
    ret->qemu.major = version.major;
    ret->qemu.minor = version.minor;
    ret->qemu.micro = version.micro;
    ret->package = g_strdup(VT_QMP_PACKAGE);
    return true;
}

bool
vt_qmp_query_commands(VtMonitor *monitor, VtCommandInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtProgram *program = service->program;
    json_object *list;

    (void)ret;
    if (service->relay) {
        return vt_qmp_answer_merged(monitor, vt_qmp_merge_commands, error);
    }
    list = json_object_new_array_ext(program->n_commands);
    for (uint32_t i = 0; i < program->n_commands; i++) {
        json_object *row = json_object_new_object();

        json_object_object_add(row, "name", json_object_new_string(program->commands[i].name));
        json_object_array_add(list, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}

/* qapi-gen generates the schema in parts; each part is for some targets or for all. */
bool
vt_qmp_query_qmp_schema(VtMonitor *monitor, VtSchemaInfoList *ret, GError **error)
{
    VtService *service = vt_monitor_service(monitor);
    uint16_t target = vt_context_target(vt_vm_context(service->vm));

    (void)ret;
    if (service->relay) {
        return vt_qmp_answer_merged(monitor, vt_qmp_merge_schema, error);
    }
    if (vt_qmp_hides_schema(service)) {
        json_object *schema = vt_qmp_own_schema(service->program, target);

        vt_qmp_hide_in_schema(schema);
        vt_monitor_answer(monitor, schema);
        return true;
    }
    for (uint32_t i = 0; i < service->program->n_introspection; i++) {
        const VtIntrospection *part = &service->program->introspection[i];

        /* A program without machines has no target. */
        if (!target || part->targets & target) {
            vt_monitor_answer_constant(monitor, part->json, part->len);
        }
    }
    return true;
}

bool
vt_qmp_quit(VtMonitor *monitor, GError **error)
{
    (void)error;
    vt_service_shutdown(vt_monitor_service(monitor), false, "host-qmp-quit");
    return true;
}
