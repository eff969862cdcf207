/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "schema/schema-private.h"
#include "world.h"

static VtSchema *
open_schema(void)
{
    return vt_schema_new(objects_vt_program_objects.layers);
}

static const VtProp *
prop(const VtClassInfo *info, const char *name)
{
    return vt_class_prop(info, name, strlen(name));
}

VT_TEST(classes_are_found_by_name_and_by_tag, "/schema/class")
{
    g_autoptr(VtSchema) schema = open_schema();
    const VtClassInfo *tap = vt_schema_class(schema, "wire-tap");

    g_assert_nonnull(tap);
    g_assert_cmpstr(tap->tag, ==, "tap");
    g_assert_cmpstr(tap->kind, ==, "netdev");
    g_assert_true(vt_schema_class_by_tag(schema, vt_schema_class(schema, "wire"), "tap") == tap);
    g_assert_null(vt_schema_class_by_tag(schema, vt_schema_class(schema, "object"), "tap"));
    g_assert_null(vt_schema_class(schema, "tap"));
    g_assert_true(vt_class_is_a(tap, vt_schema_class(schema, "wire")));
    g_assert_true(vt_class_is_abstract(vt_schema_class(schema, "store")));
}

VT_TEST(a_class_has_the_members_of_ancestors_and_children, "/schema/props")
{
    g_autoptr(VtSchema) schema = open_schema();
    const VtClassInfo *info = vt_schema_class(schema, "inner-toy");
    const VtProp *speed = prop(info, "speed"), *vectors = prop(info, "vectors"), *bus = prop(info, "bus");

    g_assert_cmpstr(speed->owner->name, ==, "toy-device");
    g_assert_cmpuint(speed->offset, ==, offsetof(VtInnerToy, parent.speed));
    g_assert_cmpuint(vectors->offset, ==, offsetof(VtInnerToy, backend.vectors));
    g_assert_cmpuint(vectors->child, ==, 1);
    /* Both have a bus; the parent's bus is the right one. */
    g_assert_cmpuint(bus->offset, ==, offsetof(VtInnerToy, parent.parent.bus));
    g_assert_cmpuint(info->n_children, ==, 1);
    g_assert_cmpstr(info->child_names[0], ==, "backend");
    g_assert_null(prop(info, "vector"));
}

VT_TEST(an_embedder_restates_a_default, "/schema/override")
{
    g_autoptr(VtSchema) schema = open_schema();
    const VtProp *own = prop(vt_schema_class(schema, "inner"), "vectors");
    const VtProp *restated = prop(vt_schema_class(schema, "inner-toy"), "vectors");

    g_assert_true(own->row == restated->row);
    g_assert_cmpuint(own->timeline->axis, ==, VT_AXIS_NONE);
    g_assert_cmpuint(restated->timeline->axis, ==, VT_AXIS_MACHINE);
    g_assert_cmpuint(restated->timeline->count, ==, 2);
}

VT_TEST(buses_know_their_parents, "/schema/bus")
{
    g_autoptr(VtSchema) schema = open_schema();

    g_assert_true(vt_schema_bus_is_a(schema, "toy-express", "toy-bus"));
    g_assert_false(vt_schema_bus_is_a(schema, "toy-bus", "toy-express"));
    g_assert_true(vt_schema_bus_ops(schema, "toy-express") == &vt_bus_ops_toy_express);
}

VT_TEST(types_are_found_by_name, "/schema/type")
{
    g_autoptr(VtSchema) schema = open_schema();
    uint16_t window = vt_schema_find_type(schema, "Window");

    g_assert_cmpuint(window, !=, 0);
    g_assert_cmpuint(vt_schema_type(schema, window)->size, ==, sizeof(VtWindow));
    g_assert_cmpuint(vt_schema_find_type(schema, "Door"), ==, 0);
}

static void
check_machine(const VtSchema *schema, const char *name, const char *full, const char *version)
{
    g_autoptr(GError) error = NULL;
    VtMachineName found = {0};

    vt_machine_find(schema, name, &found, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(found.name, ==, full);
    g_assert_cmpstr(vt_schema_version_name(schema, VT_AXIS_MACHINE, found.version), ==, version);
    vt_machine_name_clear(&found);
}

static void
check_no_machine(const VtSchema *schema, const char *name, const char *message)
{
    g_autoptr(GError) error = NULL;
    VtMachineName found = {0};

    g_assert_false(vt_machine_find(schema, name, &found, &error));
    g_assert_cmpstr(error->message, ==, message);
}

VT_TEST(machines_are_found_by_version_and_alias, "/schema/machine")
{
    g_autoptr(VtSchema) schema = open_schema();

    check_machine(schema, "toy-q-1.0", "toy-q-1.0", "1.0");
    check_machine(schema, "toy-q-1.1.1", "toy-q-1.1.1", "1.1.1");
    check_machine(schema, "q", "toy-q-3.0", "3.0");
    check_machine(schema, "bare", "bare", "3.0");
    check_no_machine(schema, "toy-i-1.1.1", "unknown machine 'toy-i-1.1.1'; did you mean 'toy-i-1.1'?");
    check_no_machine(schema, "toy-i-3.0", "unknown machine 'toy-i-3.0'; did you mean 'toy-i-2.1'?");
    check_no_machine(schema, "toy-q-0.9", "unknown machine 'toy-q-0.9'; did you mean 'toy-q-1.0'?");
    check_no_machine(schema, "baer", "unknown machine 'baer'; did you mean 'bare'?");
}

static void
check_alias(const VtSchema *schema, uint16_t target, const char *name)
{
    const VtClassInfo *root = vt_schema_class(schema, "device");

    g_assert_cmpstr(vt_schema_class_by_alias(schema, root, "stub", target)->name, ==, name);
}

VT_TEST(aliases_create_the_class_of_a_target, "/schema/alias")
{
    g_autoptr(VtSchema) schema = open_schema();
    const VtClassInfo *toy = vt_schema_class(schema, "stub-toy");

    check_alias(schema, VT_TARGET_X86_64, "stub-toy");
    check_alias(schema, VT_TARGET_S390X, "stub-plane");
    g_assert_nonnull(vt_alias_next(toy->layer, toy->row->id, VT_TARGET_X86_64, NULL));
    g_assert_null(vt_alias_next(toy->layer, toy->row->id, VT_TARGET_S390X, NULL));
    g_assert_null(vt_schema_class_by_alias(schema, toy->root, "stub-toy", 0));
}

VT_TEST(versions_stand_in_order, "/schema/version")
{
    g_autoptr(VtSchema) schema = open_schema();

    g_assert_cmpuint(vt_schema_n_versions(schema, VT_AXIS_MACHINE), ==, 6);
    g_assert_cmpuint(vt_schema_version(schema, VT_AXIS_MACHINE, "1.1.1"), ==, 3);
    g_assert_cmpuint(vt_schema_version(schema, VT_AXIS_MACHINE, "7.0"), ==, 0);
    g_assert_cmpuint(vt_schema_open_version(schema, VT_AXIS_PLATFORM), ==, 3);
    g_assert_cmpuint(vt_schema_newest_closed(schema, VT_AXIS_PLATFORM), ==, 2);
    g_assert_cmpuint(vt_target_from_name("x86_64"), ==, VT_TARGET_X86_64);
    g_assert_cmpstr(vt_target_name(VT_TARGET_ARM), ==, "arm");
}

/* What a VM remembers of a class is in the VM, not in the schema. */
VT_TEST(a_vm_does_not_change_the_classes, "/schema/unchanged")
{
    g_autoptr(World) world = world_new("toy-q-2.0", "3.0");
    const VtClassInfo *const *infos = vt_schema_classes(world->schema);
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; infos[i]; i++) {
        g_ptr_array_add(before, g_memdup2(vt_class_private(infos[i]), sizeof(VtClassPrivate)));
    }
    world_must_plan(world, "object", "store-ram,id=m,size=1", "device", "plain-toy,id=a", "device", "inner-toy,id=b",
                    "device", "plain-toy", NULL);
    for (size_t i = 0; infos[i]; i++) {
        g_assert_cmpmem(before->pdata[i], sizeof(VtClassPrivate), vt_class_private(infos[i]), sizeof(VtClassPrivate));
    }
}
