/* SPDX-License-Identifier: MIT */
/*
 * query-engine.
 */
#include <json-c/json.h>

#include "engine-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/output.h"

/* The members "version" and "package" of the greeting. */
static void
add_version(const VtEngine *engine, json_object *info)
{
    json_object *version = NULL, *triple = NULL, *package = NULL;

    if (json_object_object_get_ex(engine->greeting, "version", &version) &&
        json_object_object_get_ex(version, "qemu", &triple) &&
        json_object_object_get_ex(version, "package", &package)) {
        json_object_object_add(info, "version", json_object_get(triple));
        json_object_object_add(info, "package", json_object_get(package));
    }
}

bool
vt_qmp_query_engine(VtMonitor *monitor, VtEngineStatus *ret, GError **error)
{
    const VtEngine *engine = vt_monitor_service(monitor)->engine;
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm));
    json_object *info;

    (void)ret;
    if (!engine) {
        return vt_error_set(error, "this service has not chosen an engine");
    }
    info = json_object_new_object();
    vt_json_add_text(info, "choice", vt_enum_name(schema, "EngineChoice", engine->options->engine));
    vt_json_add_text(info, "state", vt_enum_name(schema, "EngineState", engine->state));
    vt_json_add_text(info, "pin", vt_enum_name(schema, "EnginePin", engine->options->pin));
    vt_json_add_text(info, "verify", vt_enum_name(schema, "EngineVerify", engine->options->verify));
    if (engine->process) {
        vt_json_add_text(info, "binary", engine->binary);
        json_object_object_add(info, "pid", json_object_new_int64(vt_engine_process_pid(engine->process)));
        add_version(engine, info);
    }
    if (engine->counts.compared) {
        json_object_object_add(info, "verified", json_object_new_uint64(engine->counts.compared));
        json_object_object_add(info, "proven", json_object_new_uint64(engine->counts.proven));
        json_object_object_add(info, "differences", json_object_new_uint64(engine->counts.different));
    }
    vt_monitor_answer(monitor, info);
    return true;
}
