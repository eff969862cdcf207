/* SPDX-License-Identifier: MIT */
/*
 * vintage resolve: the value of each property of a VM.
 */
#include <stdio.h>
#include <string.h>

#include "tool-vm.h"
#include "vt-runtime/output.h"

typedef struct Printed {
    bool settled, all;
    guint n, left_out; /* of properties */
} Printed;

static void
add_property(Printed *printed, ToolTable *table, const VtObject *object, const VtProp *prop)
{
    const VtProvenance provenance = vt_object_provenance(object, prop);
    json_object *value = NULL;
    g_autofree char *text = NULL;

    printed->n++;
    if (!printed->all && !tool_value_matters(vt_vm_context(vt_object_vm(object)), prop, &provenance)) {
        printed->left_out++;
        return;
    }
    vt_object_values(object, prop, VT_OUTPUT_NAMES, printed->settled ? NULL : &value, printed->settled ? &value : NULL);
    text = value ? tool_value_text(value) : g_strdup("null");
    tool_table_add(table, (const char *[]){prop->name, text});
    json_object_put(value);
}

/* Prints one table for each object. */
static void
print_vm(const VtVm *vm, Printed *printed)
{
    static const char *const headers[] = {"property", "value", NULL};
    g_autoptr(GArray) objects = vt_vm_objects(vm);
    uint16_t target = vt_context_target(vt_vm_context(vm));

    for (guint i = 0; i < objects->len; i++) {
        const VtEntryKey *entry = &g_array_index(objects, VtEntryKey, i);
        const VtClassInfo *info = vt_object_class(entry->object);
        ToolTable *table = tool_table_new(headers);

        tool_print_heading("%s: %s", entry->key, tool_type_name(entry->object));
        for (size_t p = 0; p < info->n_props; p++) {
            const VtProp *prop = &info->props[p];

            /* A read-only property is not configuration. */
            if (!prop->alias_of && vt_prop_is_shown(prop, target) && !(prop->cold->features & VT_FEATURE_READ_ONLY) &&
                vt_object_reports(entry->object, prop, printed->settled)) {
                add_property(printed, table, entry->object, prop);
            }
        }
        tool_table_print(table, 2);
        putchar('\n');
    }
    tool_print_left_out(printed->left_out, printed->n);
}

int
tool_resolve(int argc, char **argv)
{
    Printed printed = {false};
    bool json = false;
    const ToolOption own[] = {TOOL_SETTLED(&printed.settled), TOOL_ALL(&printed.all), TOOL_JSON(&json), {NULL}};
    g_auto(ToolVm) one = {{NULL}};

    if (!tool_vm_open(&one, "resolve", own, false, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!one.vm) {
        return tool_failed(one.error);
    }
    if (json) {
        tool_print_json(vt_command_line_effective(one.line, one.vm, printed.settled));
    } else {
        print_vm(one.vm, &printed);
    }
    return TOOL_DONE;
}
