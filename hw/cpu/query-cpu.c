/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for CPU models.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/hw.h"
#include "vt-runtime/config.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/names.h"
#include "vt-runtime/options.h"
#include "x86.h"

enum { VERSION_NONE = 0, VERSION_NEWEST = -1 }; /* values of default-cpu-version */

/* The models of the target.  The tables are read directly where they suffice, because an index of each class would stay
 * in memory. */
typedef struct Models {
    const VtProgram *program;
    VtContext *ctx;
    const VtSchema *schema;
    uint16_t target, release;
    const char *accel;   /* NULL: none was selected */
    int64_t version;     /* of models without one: default-cpu-version of the machine */
    GHashTable *names;   /* name of a model: its VtClass */
    GHashTable *classes; /* name of a class in the tables: name of its model */
    json_object *list;
} Models;

static VtLifeStage
stage_of(const Models *models, const VtLayer *layer, const VtClass *class)
{
    return vt_life_stage(class->life ? &layer->lives[class->life] : NULL, models->release);
}

static void
collect(Models *models)
{
    const VtLayer *layer;
    const VtClass *class;

    for (class = vt_schema_class_from(models->schema, 0, &layer); class;
         class = vt_schema_class_from(models->schema, class->id + 1, &layer)) {
        char *name = vt_program_model_name(models->program, layer, class, models->target);

        if (name && stage_of(models, layer, class) != VT_LIFE_FUTURE) {
            g_hash_table_insert(models->classes, g_strdup(vt_str(layer, class->name)), name);
            g_hash_table_add(models->names, name);
        } else {
            g_free(name);
        }
    }
}

/* The model that @name, of @class, is an alias of; NULL: of none.  The caller frees it. */
static char *
alias_of(const Models *models, const VtLayer *layer, const VtClass *class, const char *name)
{
    g_autofree char *found = NULL;

    if (models->version == VERSION_NONE) {
        return NULL;
    }
    if (class->alias_of) {
        return g_strdup(g_hash_table_lookup(models->classes, vt_str(layer, class->alias_of)));
    }
    for (int64_t version = models->version == VERSION_NEWEST ? 1 : models->version;; version++) {
        g_autofree char *other = g_strdup_printf("%s-v%" G_GINT64_FORMAT, name, version);

        if (!g_hash_table_contains(models->names, other)) {
            return g_steal_pointer(&found);
        }
        g_free(found);
        found = g_steal_pointer(&other);
        if (models->version != VERSION_NEWEST) {
            return g_steal_pointer(&found);
        }
    }
}

/* Adds the accelerator that the model needs, and what TCG does not emulate: this process has no KVM, so the answer is
 * that of QEMU without KVM.  Without processors that run, no feature is lacking.  Only models of x86 and those that
 * need an accelerator say so. */
static void
add_unavailable(const Models *models, const VtLayer *layer, const VtClass *class, json_object *row)
{
    bool runs = models->accel && strcmp(models->accel, "qtest") != 0, needs = false;
    bool x86 = models->target & (VT_TARGET_X86_64 | VT_TARGET_I386);
    json_object *list = json_object_new_array();

    for (const uint32_t *name = &layer->inputs[class->needs_accels]; class->needs_accels && *name; name++) {
        needs = true;
        if (!json_object_array_length(list)) {
            json_object_array_add(list, json_object_new_string(vt_str(layer, *name)));
        }
    }
    if (runs && x86 && !needs) {
        const VtClassInfo *model = vt_schema_class(models->schema, vt_str(layer, class->name));
        g_autoptr(GArray) names = x86_not_emulated(models->ctx, model);

        for (guint i = 0; i < names->len; i++) {
            json_object_array_add(list, json_object_new_string(vt_names_list(names)[i]));
        }
    }
    if (needs || x86) {
        json_object_object_add(row, "unavailable-features", list);
    } else {
        json_object_put(list);
    }
}

/* A removed model is listed as long as it can be configured. */
static void
append_row(Models *models, const char *name, const VtLayer *layer, const VtClass *class)
{
    VtLifeStage stage = stage_of(models, layer, class);
    bool deprecated = stage == VT_LIFE_DEPRECATED || stage == VT_LIFE_REMOVED;
    const char *type = vt_class_row_name(models->schema, layer, class, models->target);
    g_autofree char *other = alias_of(models, layer, class, name);
    json_object *row = json_object_new_object();

    vt_json_add_text(row, "name", name);
    json_object_object_add(row, "static", json_object_new_boolean(class->flags & VT_CLASS_MIGRATION_STATIC));
    if (class->flags & VT_CLASS_MIGRATION_KINDS) {
        json_object_object_add(row, "migration-safe",
                               json_object_new_boolean(!(class->flags & VT_CLASS_MIGRATION_UNSAFE)));
    }
    vt_json_add_text(row, "typename", type);
    json_object_object_add(row, "deprecated", json_object_new_boolean(deprecated));
    if (other) {
        vt_json_add_text(row, "alias-of", other);
    }
    add_unavailable(models, layer, class, row);
    json_object_array_add(models->list, row);
}

/* The machine's version of models without one.  Machines that do not say so use version 1. */
static int64_t
default_version(const VtObject *machine)
{
    static const char name[] = "default-cpu-version";
    const VtProp *prop = machine ? vt_class_prop(vt_object_class(machine), name, strlen(name)) : NULL;

    return !prop ? 1
                 : (int64_t)vt_field_get_uint(vt_object_class(machine)->schema, prop->layer, prop->row,
                                              (const char *)vt_object_config(machine) + prop->offset);
}

bool
vt_qmp_query_cpu_definitions(VtMonitor *monitor, VtCpuDefinitionInfoList *ret, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtContext *ctx = vt_vm_context(service->vm);
    Models models = {.program = service->program,
                     .ctx = ctx,
                     .schema = vt_context_schema(ctx),
                     .target = vt_context_target(ctx),
                     .release = vt_context_release(ctx),
                     .accel = vt_context_accel(ctx),
                     .version = default_version(vt_vm_machine(service->vm)),
                     .names = g_hash_table_new(g_str_hash, g_str_equal),
                     .classes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                     .list = json_object_new_array()};
    const VtLayer *layer;
    const VtClass *class;

    (void)ret;
    (void)error;
    collect(&models);
    for (class = vt_schema_class_from(models.schema, 0, &layer); class;
         class = vt_schema_class_from(models.schema, class->id + 1, &layer)) {
        const char *name = g_hash_table_lookup(models.classes, vt_str(layer, class->name));

        if (!name) {
            continue;
        }
        append_row(&models, name, layer, class);
        for (const VtAlias *alias = NULL; (alias = vt_alias_next(layer, class->id, models.target, alias));) {
            g_autofree char *other = vt_program_model_alias(service->program, layer, class, models.target, alias);

            append_row(&models, other, layer, class);
        }
    }
    g_hash_table_unref(models.names);
    g_hash_table_unref(models.classes);
    vt_monitor_answer(monitor, models.list);
    return true;
}
