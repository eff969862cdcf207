/* SPDX-License-Identifier: MIT */
/*
 * The contract of a migration between two processes.
 */
#include "vt-runtime/contract.h"

#include <json-c/json.h>

#include "engine-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"

#define SHOWN 8 /* differences that an error lists */

bool
vt_qmp_query_migration_contract(VtMonitor *monitor, VtMigrationContract *ret, GError **error)
{
    (void)ret;
    (void)error;
    vt_monitor_answer(monitor, vt_vm_contract(vt_monitor_service(monitor)->vm));
    return true;
}

static void
describe(GString *text, const VtContractDifference *difference)
{
    g_autofree char *there = difference->source ? vt_json_text(difference->source) : g_strdup("none");
    g_autofree char *own = difference->other ? vt_json_text(difference->other) : g_strdup("none");

    g_string_append_printf(text, "; %s%s%s: the source has %s, this process %s", difference->object,
                           *difference->object ? ": " : "", difference->member, there, own);
}

static bool
compare(const VtMigrationContract *source, json_object *here, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) differences = NULL;
    json_object *theirs;

    if (!json_object_is_type(source->objects, json_type_object)) {
        return vt_error_set(error, "contract.objects: expected an object");
    }
    theirs = json_object_new_object();
    if (source->machine) {
        vt_json_add_text(theirs, "machine", source->machine);
    }
    vt_json_add_text(theirs, "platform-version", source->platform_version);
    json_object_object_add(theirs, "objects", json_object_get(source->objects));
    differences = vt_contract_compare(theirs, here);
    json_object_put(theirs);
    for (guint i = 0; i < MIN(differences->len, SHOWN); i++) {
        describe(text, &g_array_index(differences, VtContractDifference, i));
    }
    if (differences->len > SHOWN) {
        g_string_append_printf(text, "; and %u more", differences->len - SHOWN);
    }
    return !differences->len || vt_error_set(error, "the source of the migration differs in %u value%s%s",
                                             differences->len, differences->len == 1 ? "" : "s", text->str);
}

bool
vt_qmp_check_migration_contract(VtMonitor *monitor, const VtQObjCheckMigrationContractArg *arg, GError **error)
{
    const VtService *service = vt_monitor_service(monitor);
    VtEngine *engine = service->engine;
    json_object *here = vt_vm_contract(service->vm);
    bool ok = compare(&arg->contract, here, error);

    json_object_put(here);
    if (engine) {
        engine->refuses_migration = !ok;
    }
    return ok;
}
