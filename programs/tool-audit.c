/* SPDX-License-Identifier: MIT */
/*
 * vintage audit: the values of a VM that some releases of QEMU had otherwise, for the same machine version.
 */
#include <stdio.h>

#include "tool-vm.h"
#include "vt-runtime/output.h"

typedef struct Finding {
    const VtEntryKey *key;
    const VtProp *prop;
    VtProvenance provenance;
} Finding;

/* The defaults in force that have an erratum.  @objects: of the VM. */
static GArray *
find_errata(GArray *objects, uint16_t target)
{
    GArray *found = g_array_new(false, false, sizeof(Finding));

    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *key = &g_array_index(objects, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(key->object);

        for (size_t p = 0; p < info->n_props; p++) {
            Finding one = {key, &info->props[p], {0}};

            if (one.prop->alias_of || !vt_prop_is_shown(one.prop, target)) {
                continue;
            }
            one.provenance = vt_object_provenance(key->object, one.prop);
            if (one.provenance.entry && one.provenance.entry->flags & VT_ENTRY_ERRATUM) {
                g_array_append_val(found, one);
            }
        }
    }
    return found;
}

guint
tool_count_errata(const VtVm *vm)
{
    g_autoptr(GArray) objects = vt_vm_objects(vm);
    g_autoptr(GArray) found = find_errata(objects, vt_context_target(vt_vm_context(vm)));

    return found->len;
}

static void
print_table(GArray *found)
{
    static const char *const headers[] = {"object", "property", "value", "schema", "why", NULL};
    ToolTable *table = tool_table_new(headers);

    for (guint i = 0; i < found->len; i++) {
        const Finding *one = &g_array_index(found, Finding, i);
        g_autofree char *position = g_strdup_printf("%s:%u", one->provenance.file, one->provenance.line);
        g_autofree char *text = NULL;
        json_object *value = NULL;

        vt_object_values(one->key->object, one->prop, VT_OUTPUT_NAMES, &value, NULL);
        text = tool_value_text(value);
        tool_table_add(table, (const char *[]){one->key->key, one->prop->name, text, position, one->provenance.why});
        json_object_put(value);
    }
    tool_table_print(table, 0);
}

static void
print_json(GArray *found)
{
    json_object *result = json_object_new_object(), *errata = json_object_new_array();

    json_object_object_add(result, "errata", errata);
    for (guint i = 0; i < found->len; i++) {
        const Finding *one = &g_array_index(found, Finding, i);
        json_object *row = json_object_new_object(), *value = NULL;

        vt_object_values(one->key->object, one->prop, VT_OUTPUT_NAMES, &value, NULL);
        json_object_object_add(row, "object", json_object_new_string(one->key->key));
        json_object_object_add(row, "property", json_object_new_string(one->prop->name));
        json_object_object_add(row, "value", value);
        json_object_object_add(row, "why", json_object_new_string(one->provenance.why));
        json_object_array_add(errata, row);
    }
    tool_print_json(result);
}

int
tool_audit(int argc, char **argv)
{
    bool json = false;
    const char *path = NULL;
    const ToolOption own[] = {TOOL_JSON(&json),
                              {.name = "--qmp",
                               .value = &path,
                               .word = "SOCKET",
                               .doc = "compares a running QEMU with the defaults of its machine, or with the VM"},
                              {.name = "--pid", .value = &path, .word = "PID", .doc = "as --qmp, for a process"},
                              {NULL}};
    g_autoptr(GArray) objects = NULL;
    g_autoptr(GArray) found = NULL;
    g_auto(ToolVm) one = {{NULL}};

    if (tool_audit_is_of_running(argc, argv)) {
        return tool_audit_running(argc, argv);
    }
    if (!tool_vm_open(&one, "audit", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!one.vm) {
        return tool_failed(one.error);
    }
    objects = vt_vm_objects(one.vm);
    found = find_errata(objects, vt_context_target(vt_vm_context(one.vm)));
    if (json) {
        print_json(found);
    } else if (found->len) {
        print_table(found);
    } else {
        printf("no errata\n");
    }
    return TOOL_DONE;
}
