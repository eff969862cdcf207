/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for CPU models.
 */
#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/options.h"

/* A removed model is listed as long as it can be configured. */
static void
append_row(json_object *list, const char *name, const char *type, const VtClass *class, VtLifeStage stage)
{
    bool deprecated = stage == VT_LIFE_DEPRECATED || stage == VT_LIFE_REMOVED;
    json_object *row = json_object_new_object();

    json_object_object_add(row, "name", json_object_new_string(name));
    json_object_object_add(row, "static", json_object_new_boolean(!(class->flags & VT_CLASS_VERSIONED)));
    json_object_object_add(row, "typename", json_object_new_string(type));
    json_object_object_add(row, "deprecated", json_object_new_boolean(deprecated));
    json_object_array_add(list, row);
}

/* Reads the tables directly, because an index of each class would stay in memory. */
bool
vt_qmp_query_cpu_definitions(VtMonitor *monitor, VtCpuDefinitionInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    const VtContext *ctx = vt_vm_context(service->vm);
    const VtSchema *schema = vt_context_schema(ctx);
    json_object *list = json_object_new_array();
    uint16_t target = vt_context_target(ctx);
    const VtLayer *layer;
    const VtClass *class;

    (void)ret;
    (void)error;
    for (class = vt_schema_class_from(schema, 0, &layer); class;
         class = vt_schema_class_from(schema, class->id + 1, &layer)) {
        VtLifeStage stage = vt_life_stage(class->life ? &layer->lives[class->life] : NULL, vt_context_release(ctx));
        g_autofree char *name = vt_program_model_name(service->program, "cpu", layer, class, target);
        const char *type = vt_class_row_name(schema, layer, class, target);

        if (!name) {
            continue;
        }
        append_row(list, name, type, class, stage);
        for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, class->id, target, alias));) {
            g_autofree char *other = vt_program_model_alias(service->program, "cpu", layer, class, target, alias);

            append_row(list, other, type, class, stage);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
