/* SPDX-License-Identifier: MIT */
#include "tool-upgrade-output.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "tool-diff-output.h"
#include "tool.h"
#include "vt-runtime/json.h"

static const char *
platform_name_of(const VtVm *vm)
{
    VtContext *ctx = vt_vm_context(vm);

    return vt_schema_version_name(vt_context_schema(ctx), VT_AXIS_PLATFORM,
                                  vt_platform_version(vt_context_platform(ctx)));
}

static const char *
machine_name_of(const VtVm *vm)
{
    return vt_context_machine(vt_vm_context(vm))->name;
}

/* ---- what the host must have --------------------------------------------------------------------------- */

/* {feature: [place, …]} of the demands of @vm that the VM before the upgrade does not have.  A new reference. */
static json_object *
new_demands(const Upgrade *self, const VtVm *vm)
{
    const VtLayer *lowest = vt_schema_lowest(vt_context_schema(vt_vm_context(vm)));
    g_autoptr(GArray) before = vt_vm_demands(self->before), after = vt_vm_demands(vm);
    json_object *result = json_object_new_object();

    for (guint i = 0; i < after->len; i++) {
        const VtDemand *demand = &g_array_index(after, VtDemand, i);
        const char *feature = vt_str(lowest, lowest->features[demand->feature].name);
        g_autofree char *place = vt_demand_place(demand);
        json_object *places = NULL;
        bool old = false;

        for (guint j = 0; j < before->len && !old; j++) {
            old = g_array_index(before, VtDemand, j).feature == demand->feature;
        }
        if (old) {
            continue;
        }
        if (!json_object_object_get_ex(result, feature, &places)) {
            places = json_object_new_array();
            json_object_object_add(result, feature, places);
        }
        json_object_array_add(places, json_object_new_string(place));
    }
    return result;
}

static void
print_new_demands(json_object *demands)
{
    static const char *const headers[] = {"feature", "needed by", NULL};
    ToolTable *table = tool_table_new(headers);

    putchar('\n');
    tool_print_heading("The host must have, and need not today:");
    json_object_object_foreach (demands, feature, places) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (size_t i = 0; i < json_object_array_length(places); i++) {
            g_string_append_printf(text, "%s%s", i ? ", " : "",
                                   json_object_get_string(json_object_array_get_idx(places, i)));
        }
        tool_table_add(table, (const char *const[]){feature, text->str});
    }
    tool_table_print(table, 2);
}

/* ---- text ---------------------------------------------------------------------------------------------- */

/* "pc-q35-9.1 on platform version 9.1"; the platform only if it differs.  The caller frees it. */
static char *
title_of(const Upgrade *self, const VtVm *vm)
{
    return strcmp(platform_name_of(self->before), platform_name_of(self->after)) != 0
               ? g_strdup_printf("%s on platform version %s", machine_name_of(vm), platform_name_of(vm))
               : g_strdup(machine_name_of(vm));
}

void
upgrade_print_text(const Upgrade *self, const VtVm *vm)
{
    static const char *const titles[UPGRADE_N_FATES] = {
        [UPGRADE_FIXED] = "The guest sees, as no option keeps the old value:",
        [UPGRADE_ACCEPTED] = "The guest sees, and it is accepted:",
        [UPGRADE_KEPT] = "The guest does not see, as the new file pins the old value:",
        [UPGRADE_HOST] = "Of the host only:",
    };
    static const UpgradeFate order[] = {UPGRADE_FIXED, UPGRADE_ACCEPTED, UPGRADE_KEPT, UPGRADE_HOST};
    g_autofree char *from = title_of(self, self->before), *to = title_of(self, self->after);
    DiffSection sections[G_N_ELEMENTS(order)];
    GArray *of_fate[G_N_ELEMENTS(order)];
    const DiffSides sides = {from, to, false};
    json_object *demands = new_demands(self, vm);

    if (!self->changes->len) {
        printf("nothing changes from %s to %s\n", from, to);
    } else {
        printf("%s to %s: %u kept, %u accepted, %u that no option keeps; %u of the host only\n", from, to,
               upgrade_count(self, UPGRADE_KEPT), upgrade_count(self, UPGRADE_ACCEPTED),
               upgrade_count(self, UPGRADE_FIXED), upgrade_count(self, UPGRADE_HOST));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        of_fate[i] = upgrade_changes_new(self, order[i]);
        sections[i] = (DiffSection){titles[order[i]], of_fate[i]};
    }
    diff_print_sections(sections, G_N_ELEMENTS(sections), &sides);
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        g_array_unref(of_fate[i]);
    }
    if (json_object_object_length(demands)) {
        print_new_demands(demands);
    }
    json_object_put(demands);
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_object *
versions_of(const VtVm *vm)
{
    json_object *versions = json_object_new_object();

    vt_json_add_text(versions, "machine", machine_name_of(vm));
    vt_json_add_text(versions, "platform-version", platform_name_of(vm));
    return versions;
}

/* Adds "fate" to the row of each change. */
static void
add_fates(const Upgrade *self, json_object *result)
{
    static const char *const names[UPGRADE_N_FATES] = {"kept", "accepted", "fixed", "host"};

    for (guint i = 0; i < self->changes->len; i++) {
        const VtDiff *change = &g_array_index(self->changes, VtDiff, i);
        json_object *row = NULL;

        json_object_object_get_ex(result, change->property ? "changes" : "objects", &row);
        row = json_object_object_get(row, change->key);
        if (change->property) {
            row = json_object_object_get(row, change->property);
        }
        vt_json_add_text(row, "fate", names[upgrade_fate(self, i)]);
    }
}

json_object *
upgrade_json(const Upgrade *self, const VtVm *vm, json_object *file, const char *path)
{
    json_object *result = diff_json(self->changes), *demands = new_demands(self, vm);
    json_object *host = json_object_new_array();

    add_fates(self, result);
    json_object_object_add(result, "from", versions_of(self->before));
    json_object_object_add(result, "to", versions_of(self->after));
    json_object_object_foreach (demands, feature, places) {
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "feature", feature);
        json_object_object_add(row, "needed-by", json_object_get(places));
        json_object_array_add(host, row);
    }
    json_object_put(demands);
    json_object_object_add(result, "host", host);
    if (file) {
        json_object_object_add(result, "file", json_object_get(file));
    }
    if (path) {
        vt_json_add_text(result, "path", path);
    }
    return result;
}
