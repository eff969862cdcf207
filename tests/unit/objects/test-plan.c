/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "vt-runtime/output.h"
#include "world.h"

VT_TEST(a_planned_object_is_configured_and_settled, "/plan/settle")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autofree char *configured = NULL;

    world_must_plan(w, "device", "inner-toy,id=v", NULL);
    configured = world_value(w, "v", "queues", false);
    g_assert_cmpstr(configured, ==, "auto");
    world_assert_value(w, "v", "queues", "1");
    /* Derived from the settled value, and from the configured one. */
    world_assert_value(w, "v", "twice", "1002");
    g_assert_cmpint(world_origin(w, "v", "queues"), ==, VT_ORIGIN_DERIVED);
    g_assert_cmpint(world_origin(w, "v", "vectors"), ==, VT_ORIGIN_MACHINE);
    g_assert_cmpint(world_origin(w, "v", "color"), ==, VT_ORIGIN_BASE);
    g_assert_cmpint(world_origin(w, "v", "netdev"), ==, VT_ORIGIN_ABSENT);
}

VT_TEST(a_given_auto_means_the_derivation, "/plan/given-auto")
{
    g_autoptr(World) w = world_new("toy-q-1.0", "3.0");
    g_autofree char *configured = NULL;

    world_must_plan(w, "device", "inner-toy,id=v,queues=auto", "device", "inner-toy,id=w,queues=4", NULL);
    configured = world_value(w, "v", "queues", false);
    g_assert_cmpstr(configured, ==, "auto");
    world_assert_value(w, "v", "queues", "1");
    world_assert_value(w, "w", "queues", "4");
    g_assert_cmpint(world_origin(w, "v", "queues"), ==, VT_ORIGIN_EXPLICIT);
}

VT_TEST(structs_inside_are_settled_too, "/plan/nested")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autofree char *configured = NULL;

    world_must_plan(w, "device", "plain-toy,id=p", "device", "plain-toy,id=q,window.base=3,window.label=x", "device",
                    "plain-toy,id=r,window.area=7", NULL);
    world_assert_value(w, "p", "window", "{\"base\":5,\"label\":\"view\",\"area\":25,\"half\":12}");
    world_assert_value(w, "q", "window", "{\"base\":3,\"label\":\"x\",\"area\":9,\"half\":4}");
    world_assert_value(w, "r", "window", "{\"base\":16,\"label\":\"view\",\"area\":7,\"half\":7}");
    configured = world_value(w, "p", "window", false);
    g_assert_cmpstr(configured, ==, "{\"base\":5,\"label\":\"view\"}");
}

VT_TEST(devices_take_their_places, "/plan/place")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");

    world_must_plan(w, "device", "plain-toy,id=a", "device", "plain-toy,id=b,addr=1", "device", "inner-toy,id=c", NULL);
    world_assert_value(w, "b", "addr", "1");
    world_assert_value(w, "a", "addr", "2");
    world_assert_value(w, "c", "addr", "3");
    world_assert_value(w, "a", "bus", "toy.0");
    g_assert_cmpint(world_origin(w, "a", "addr"), ==, VT_ORIGIN_DERIVED);
    g_assert_cmpuint(vt_vm_find_bus(w->vm, "toy.0")->devices->len, ==, 3);
    g_assert_cmpstr(vt_object_bus(vt_object_child(world_object(w, "c"), "backend"))->name, ==, "inner-bus");
}

VT_TEST(a_device_may_come_before_its_bus, "/plan/bus-order")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");

    world_must_plan(w, "device", "plain-toy,id=a,bus=up", "device", "bridge-toy,id=up", NULL);
    g_assert_true(vt_object_bus(world_object(w, "a"))->owner == world_object(w, "up"));
}

VT_TEST(wrong_places_are_refused, "/plan/wrong-place")
{
    static const char *const cases[][3] = {
        {"inner", NULL, "no 'inner-bus' bus found for device 'inner'"},
        {"plain-toy,bus=toy.1", NULL, "no bus 'toy.1'; did you mean 'toy.0'?"},
        {"plain-toy,addr=0", NULL, "slot 0 of toy.0 belongs to the bridge"},
        {"plain-toy,addr=4,id=x", "plain-toy,addr=4", "slot 4 of toy.0 is taken by 'x'"},
        {"inner,bus=toy.0", NULL, "device 'inner' cannot be plugged into 'toy-express' bus 'toy.0'"},
        {"plain-toy,speed=13", NULL, "speed 13 is unlucky"},
        {"plain-toy,id=x", "plain-toy,id=x", "device 'x' already exists"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
        g_autoptr(GError) error = NULL;

        g_assert_false(world_plan(w, &error, "device", cases[i][0], cases[i][1] ? "device" : NULL, cases[i][1], NULL));
        world_assert_error(error, cases[i][2]);
    }
}

VT_TEST(a_failed_plan_leaves_no_trace, "/plan/transaction")
{
    static const char *const bad[] = {"plain-toy,id=z,addr=4,store=none", "plain-toy,speed=13", "plain-toy,addr=4,id=q",
                                      "plain-toy,id=kept", "no-such-toy"};
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autofree char *before = NULL;

    world_must_plan(w, "object", "store-ram,id=m,size=4096", "device", "plain-toy,id=kept,addr=4,store=m", "device",
                    "bridge-toy", NULL);
    before = world_report(w, true);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *after = NULL;

        g_assert_false(world_plan(w, &error, "wire", "tap,id=t", "device", "bridge-toy", "device", "bridge-toy,id=br",
                                  "device", "inner-toy,netdev=t,bus=br", "object", "store-ram,id=n,size=1,next=m",
                                  "device", bad[i], NULL));
        g_assert_nonnull(error);
        after = world_report(w, true);
        g_assert_cmpstr(before, ==, after);
        g_assert_null(vt_vm_find(w->vm, "netdev", "t"));
        g_assert_null(vt_vm_find_bus(w->vm, "br"));
        g_assert_null(vt_vm_find_bus(w->vm, "toy-express.1"));
        g_assert_cmpuint(vt_vm_find_bus(w->vm, "toy.0")->devices->len, ==, 2);
    }
    world_must_plan(w, "device", "bridge-toy", NULL);
    g_assert_nonnull(vt_vm_find_bus(w->vm, "toy-express.1"));
    world_object(w, "device[1]");
}

VT_TEST(with_all_addresses_given_the_order_of_arguments_is_nothing, "/plan/canonical")
{
    static const char *const things[][2] = {
        {"object", "store-ram,id=m,size=4096"},
        {"wire", "tap,id=t"},
        {"device", "inner-toy,netdev=t,addr=7,bus=toy.0"},
        {"device", "plain-toy,addr=3,store=m"},
        {"device", "bridge-toy,id=up,addr=9"},
        {"device", "plain-toy,addr=1,bus=up"},
        {"device", "plain-toy,addr=10"},
    };
    enum { N = G_N_ELEMENTS(things) };
    g_autofree char *first = NULL;

    for (unsigned seed = 0; seed < 30; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
        g_autofree char *report = NULL;
        unsigned at[N];

        for (unsigned i = 0; i < N; i++) {
            unsigned k = (unsigned)g_rand_int_range(rand, 0, (int)i + 1);

            at[i] = at[k];
            at[k] = i;
        }
        world_must_plan(w, things[at[0]][0], things[at[0]][1], things[at[1]][0], things[at[1]][1], things[at[2]][0],
                        things[at[2]][1], things[at[3]][0], things[at[3]][1], things[at[4]][0], things[at[4]][1],
                        things[at[5]][0], things[at[5]][1], things[at[6]][0], things[at[6]][1], NULL);
        report = world_report(w, true);
        first = first ? first : g_strdup(report);
        g_assert_cmpstr(report, ==, first);
        world_assert_value(w, "device[0]", "addr", "3");
        world_assert_value(w, "device[1]", "addr", "7");
        world_assert_value(w, "device[2]", "addr", "10");
        world_assert_value(w, "device[3]", "addr", "1");
    }
}

VT_TEST(realize_follows_references_and_undoes_in_reverse, "/plan/realize")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "inner-toy,id=v,netdev=t", "wire", "tap,id=t", NULL);
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_no_error(error);
    /* The parent, then its embedded child, which has no id. */
    g_assert_cmpstr(world_log->str, ==, "+toy-q +t +v +inner ");
    g_string_truncate(world_log, 0);
    world_must_plan(w, "device", "plain-toy,id=p,store=m", "object", "store-ram,id=m,size=1", "object",
                    "store-ram,id=n,size=1,next=m", NULL);
    world_fails = "n";
    g_assert_false(vt_vm_realize(w->vm, &error));
    world_assert_error(error, "no luck");
    g_assert_cmpstr(world_log->str, ==, "+m -m ");
    g_assert_null(vt_vm_find(w->vm, "device", "p"));
    g_assert_nonnull(vt_vm_find(w->vm, "device", "v"));
}

VT_TEST(what_has_no_model_is_not_started, "/plan/no-model")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "stub-toy,id=s", NULL);
    g_assert_false(vt_vm_realize(w->vm, &error));
    world_assert_error(error, "class 'stub-toy' has no device model yet: "
                              "it can be configured and resolved, but not started");
    g_assert_cmpstr(world_log->str, ==, "");
}

static bool
create(World *w, const char *text, bool hotplug, GError **error)
{
    VtInput *input = vt_input_new_option(text, "driver", "device_add", NULL);

    return vt_vm_create(w->vm, vt_schema_class(w->schema, "device"), input, hotplug, NULL, error);
}

VT_TEST(hot_plug_asks_the_bus, "/plan/hotplug")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "bridge-toy,id=up", NULL);
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_false(create(w, "plain-toy,id=a", true, &error));
    world_assert_error(error, "Bus 'toy.0' does not support hotplugging");
    g_clear_error(&error);
    g_assert_true(create(w, "plain-toy,id=a,bus=up", true, &error));
    g_assert_true(vt_object_realized(world_object(w, "a")));
    g_assert_false(vt_vm_delete(w->vm, "device", "up", &error));
    world_assert_error(error, "device 'up' is in use by device 'a'");
    g_clear_error(&error);
    g_assert_true(vt_vm_delete(w->vm, "device", "a", &error));
    g_assert_false(vt_vm_delete(w->vm, "device", "a", &error));
    g_assert_error(error, VT_ERROR, VT_ERROR_DEVICE_NOT_FOUND);
}

VT_TEST(objects_have_paths, "/plan/paths")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    static const char *const paths[] = {
        "/machine",   "/machine/peripheral/v", "/machine/peripheral/v/backend", "/machine/peripheral-anon/device[0]",
        "/objects/m", "/backend/netdev/t"};

    world_must_plan(w, "device", "inner-toy,id=v", "device", "plain-toy", "object", "store-ram,id=m,size=1", "wire",
                    "tap,id=t", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        VtObject *object = vt_vm_resolve_path(w->vm, paths[i]);
        g_autofree char *path = object ? vt_object_path(object) : NULL;

        g_assert_cmpstr(path, ==, paths[i]);
    }
    g_assert_true(vt_vm_resolve_path(w->vm, "v") == world_object(w, "v"));
    g_assert_true(vt_vm_resolve_path(w->vm, "backend") == vt_object_child(world_object(w, "v"), "backend"));
    g_assert_null(vt_vm_resolve_path(w->vm, "/machine/peripheral/device[0]"));
    g_assert_null(vt_vm_resolve_path(w->vm, "nobody"));
}

VT_TEST(a_mutable_member_changes_with_the_model_s_consent, "/plan/set")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(VtInput) fast = vt_input_new_value("fast", "qom-set");
    g_autoptr(VtInput) turbo = vt_input_new_value("turbo", "qom-set");
    g_autoptr(VtInput) ten = vt_input_new_value("10", "qom-set");
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "plain-toy,id=p", NULL);
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_true(vt_object_set(world_object(w, "p"), "mode", fast, &error));
    world_assert_value(w, "p", "mode", "fast");
    g_assert_false(vt_object_set(world_object(w, "p"), "mode", turbo, &error));
    world_assert_error(error, "no turbo here");
    world_assert_value(w, "p", "mode", "fast");
    g_clear_error(&error);
    g_assert_false(vt_object_set(world_object(w, "p"), "speed", ten, &error));
    world_assert_error(error, "cannot be changed");
}

VT_TEST(backends_do_without_a_machine, "/plan/no-machine")
{
    g_autoptr(World) w = world_new(NULL, "2.0");
    g_autoptr(GError) error = NULL;
    g_autofree char *report = NULL;

    world_must_plan(w, "object", "store-ram,id=m,size=4096", "wire", "user,id=u", NULL);
    world_assert_value(w, "m", "legacy", "true");
    report = world_report(w, true);
    g_assert_null(strstr(report, "\"machine\""));
    g_assert_false(world_plan(w, &error, "device", "plain-toy", NULL));
    world_assert_error(error, "no 'toy-bus' bus found for device 'plain-toy'");
    g_assert_true(vt_vm_resolve_path(w->vm, "m") == world_object(w, "m"));
}

VT_TEST(a_full_bus_gives_way_to_the_next, "/plan/full")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < 30; i++) {
        world_must_plan(w, "device", "plain-toy", NULL);
    }
    world_must_plan(w, "device", "bridge-toy,id=up", NULL);
    world_must_plan(w, "device", "plain-toy,id=a", "device", "plain-toy,id=b", NULL);
    world_assert_value(w, "a", "bus", "up");
    world_assert_value(w, "b", "addr", "1");
    world_must_plan(w, "device", "plain-toy", "device", "plain-toy", NULL);
    g_assert_false(world_plan(w, &error, "device", "plain-toy", NULL));
    world_assert_error(error, "no 'toy-bus' bus with room found for device 'plain-toy'");
}
