/* SPDX-License-Identifier: MIT */
/* The generated flag for versioned defaults equals the flag computed from the class index. */
#include "vm.h"

VT_TEST(the_flag_says_whether_a_default_has_versions, "/classes/versioned")
{
    g_autoptr(TestVm) vm = test_vm_new("pc-q35-9.1", NULL);
    const VtLayer *layer;
    size_t n[2] = {0, 0};

    for (const VtClass *row = vt_schema_class_from(vm->schema, 0, &layer); row;
         row = vt_schema_class_from(vm->schema, row->id + 1, &layer)) {
        const VtClassInfo *info = vt_schema_class_by_id(vm->schema, row->id);
        bool versioned = false;

        g_assert_true(info->row == row && info->layer == layer);
        for (size_t i = 0; i < info->n_props; i++) {
            versioned |= info->props[i].timeline && info->props[i].timeline->axis == VT_AXIS_MACHINE;
        }
        if (versioned != !!(row->flags & VT_CLASS_VERSIONED)) {
            g_error("class %s: %d", info->name, versioned);
        }
        n[versioned]++;
    }
    g_assert_cmpuint(n[false], >, 100);
    g_assert_cmpuint(n[true], >, 100);
}

VT_TEST(classes_come_in_order, "/classes/order")
{
    g_autoptr(TestVm) vm = test_vm_new("pc-q35-9.1", NULL);
    const VtClassInfo *const *all = vt_schema_classes(vm->schema);
    const VtLayer *layer;

    for (const VtClass *row = vt_schema_class_from(vm->schema, 0, &layer); row;
         row = vt_schema_class_from(vm->schema, row->id + 1, &layer)) {
        g_assert_true(*all && (*all++)->row == row);
    }
    g_assert_null(*all);
}
