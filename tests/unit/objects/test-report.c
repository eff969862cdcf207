/* SPDX-License-Identifier: MIT */
#include "vt-runtime/output.h"
#include "world.h"

static json_object *
member(json_object *object, const char *name)
{
    json_object *value = NULL;

    g_assert_true(json_object_object_get_ex(object, name, &value));
    return value;
}

static const char *
text(json_object *object, const char *name)
{
    json_object *value;

    return json_object_object_get_ex(object, name, &value) ? json_object_get_string(value) : NULL;
}

VT_TEST(a_report_names_machine_platform_and_objects, "/report/config")
{
    g_autoptr(World) w = world_new("q", "2.0");
    json_object *config, *objects;

    world_must_plan(w, "device", "plain-toy,id=p", "device", "plain-toy", "object",
                    "store-file,id=f,size=1,secret=hush", NULL);
    config = vt_vm_effective_config(w->vm, false);
    objects = member(config, "objects");
    g_assert_cmpstr(text(config, "machine"), ==, "toy-q-3.0");
    g_assert_cmpstr(text(config, "target"), ==, "x86_64");
    g_assert_cmpstr(text(config, "platform-version"), ==, "2.0");
    g_assert_cmpstr(text(member(objects, "/machine"), "type"), ==, "toy-q-3.0");
    g_assert_cmpstr(text(member(objects, "device[0]"), "type"), ==, "plain-toy");
    g_assert_cmpstr(text(member(member(objects, "p"), "properties"), "hidden"), ==, "false");
    g_assert_null(text(member(member(objects, "p"), "properties"), "addr"));
    g_assert_null(text(member(member(objects, "f"), "properties"), "secret"));
    json_object_put(config);
    config = vt_vm_effective_config(w->vm, true);
    g_assert_cmpstr(text(member(member(member(config, "objects"), "p"), "properties"), "addr"), ==, "1");
    json_object_put(config);
}

VT_TEST(an_explanation_tells_since_when_and_why, "/report/explain")
{
    g_autoptr(World) w = world_new("toy-i-2.0", "3.0");
    json_object *all, *one;

    world_must_plan(w, "device", "inner-toy,id=v,color=blue", NULL);
    all = vt_object_explain(world_object(w, "v"), true);
    one = member(all, "speed");
    g_assert_cmpstr(text(one, "value"), ==, "2");
    g_assert_cmpstr(text(one, "from"), ==, "machine");
    g_assert_cmpstr(text(one, "axis"), ==, "machine");
    g_assert_cmpstr(text(one, "since"), ==, "2.0");
    g_assert_cmpstr(text(one, "why"), ==, "twice as fast");
    one = member(all, "queues");
    g_assert_cmpstr(text(one, "from"), ==, "derived");
    g_assert_cmpstr(text(one, "configured"), ==, "auto");
    g_assert_cmpstr(text(one, "settled"), ==, "1");
    g_assert_cmpstr(text(one, "since"), ==, "2.0");
    one = member(all, "netdev");
    g_assert_cmpstr(text(one, "from"), ==, "absent");
    g_assert_cmpstr(text(one, "why"), ==, "no peer");
    g_assert_null(text(one, "value"));
    g_assert_cmpstr(text(member(all, "color"), "from"), ==, "explicit");
    json_object_put(all);
}

VT_TEST(a_condition_that_fails_is_not_blamed_on_the_platform, "/report/when-ref")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "1.0");
    VtProvenance tap, none;
    const VtProp *prop;

    world_must_plan(w, "wire", "tap,id=t", "device", "inner-toy,id=a,netdev=t", "device", "inner-toy,id=b", NULL);
    prop = vt_class_prop(vt_object_class(world_object(w, "a")), "offload", strlen("offload"));
    tap = vt_object_provenance(world_object(w, "a"), prop);
    none = vt_object_provenance(world_object(w, "b"), prop);
    g_assert_null(tap.since);
    g_assert_cmpstr(none.since, ==, "2.0");
    g_assert_cmpint(tap.from, ==, VT_ORIGIN_MACHINE);
}

VT_TEST(a_child_tells_of_its_embedder_s_members, "/report/child")
{
    g_autoptr(World) w = world_new("toy-q-3.0", "3.0");
    VtObject *child;
    json_object *all;

    world_must_plan(w, "device", "inner-toy,id=v,color=blue", NULL);
    child = vt_object_child(world_object(w, "v"), "backend");
    g_assert_true(vt_object_has(child, "color") && vt_object_has(world_object(w, "v"), "color"));
    all = vt_object_explain(child, true);
    g_assert_cmpstr(text(member(all, "color"), "from"), ==, "explicit");
    g_assert_cmpstr(text(member(all, "vectors"), "value"), ==, "4");
    g_assert_cmpstr(text(member(all, "queues"), "settled"), ==, "1");
    json_object_put(all);
}

VT_TEST(a_definition_may_stand_in_place_of_an_id, "/report/inline")
{
    g_autoptr(World) w = world_new("toy-q-3.0", "3.0");
    g_autoptr(GError) error = NULL;
    g_autofree char *before = world_report(w, true);
    g_autofree char *after = NULL;
    const VtNodeFormat *format;

    g_assert_false(world_plan(w, &error, "node", "format,node-name=n,file.driver=disk,file.filename=x", "node",
                              "format,node-name=m,file=none", NULL));
    world_assert_error(error, "file: no block-node 'none'");
    g_clear_error(&error);
    after = world_report(w, true);
    g_assert_cmpstr(before, ==, after);
    world_must_plan(w, "node", "format,node-name=n,file.driver=disk,file.filename=x,file.node-name=d", "node",
                    "format,node-name=m,file.driver=disk,file.filename=y", NULL);
    format = vt_object_config(world_object(w, "n"));
    g_assert_true(format->file.target == world_object(w, "d"));
    world_assert_value(w, "block-node[0]", "filename", "y");
    g_assert_false(vt_vm_delete(w->vm, "block-node", "d", &error));
    world_assert_error(error, "in use by block-node 'n'");
    g_clear_error(&error);
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_true(vt_vm_delete(w->vm, "block-node", "n", &error));
    g_assert_null(vt_vm_find(w->vm, "block-node", "d"));
    world_object(w, "block-node[0]");
}

VT_TEST(a_definition_that_others_use_outlives_its_owner, "/report/inline-used")
{
    g_autoptr(World) w = world_new("toy-q-3.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "node", "format,node-name=user,file=d", "node",
                    "format,node-name=owner,file.driver=disk,file.filename=x,file.node-name=d", NULL);
    g_assert_true(vt_vm_delete(w->vm, "block-node", "owner", &error));
    world_assert_value(w, "d", "filename", "x");
    g_assert_true(vt_vm_delete(w->vm, "block-node", "user", &error));
    g_assert_true(vt_vm_delete(w->vm, "block-node", "d", &error));
    g_assert_no_error(error);
}
