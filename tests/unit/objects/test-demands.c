/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "world.h"

static guint
n_demands(World *w)
{
    g_autoptr(GArray) demands = vt_vm_demands(w->vm);

    return demands->len;
}

VT_TEST(only_what_this_configuration_resolves_to_is_demanded, "/demands/which")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");

    g_assert_cmpuint(n_demands(w), ==, 0);
    world_must_plan(w, "device", "inner-toy,id=a", "wire", "user,id=u", "device", "inner-toy,id=b,netdev=u", NULL);
    g_assert_cmpuint(n_demands(w), ==, 0); /* no tap */
    world_must_plan(w, "wire", "tap,id=t", "device", "inner-toy,id=c,netdev=t", NULL);
    g_assert_cmpuint(n_demands(w), ==, 1);
    world_must_plan(w, "object", "store-ram,id=m,size=1", NULL);
    g_assert_cmpuint(n_demands(w), ==, 2); /* the default of the platform */
}

VT_TEST(the_gated_value_waits_for_the_platform, "/demands/gate")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "1.0");

    world_must_plan(w, "wire", "tap,id=t", "device", "inner-toy,id=a,netdev=t", "device", "inner-toy,id=b", "object",
                    "store-ram,id=m,size=1", NULL);
    world_assert_value(w, "a", "offload", "false");
    world_assert_value(w, "b", "offload", "true");
    world_assert_value(w, "m", "legacy", "true");
    g_assert_cmpint(world_origin(w, "a", "offload"), ==, VT_ORIGIN_MACHINE);
    g_assert_cmpint(world_origin(w, "m", "legacy"), ==, VT_ORIGIN_PLATFORM);
    g_assert_cmpuint(n_demands(w), ==, 0);
}

VT_TEST(an_explicit_value_demands_as_its_entry_does, "/demands/explicit")
{
    g_autoptr(World) w = world_new("toy-q-1.0", "1.0");

    world_must_plan(w, "wire", "tap,id=t", "device", "inner-toy,id=a,netdev=t,offload=on", "device",
                    "inner-toy,id=b,offload=on", "object", "store-ram,id=m,size=1,legacy=off", NULL);
    g_assert_cmpuint(n_demands(w), ==, 2);
}

VT_TEST(an_explicit_value_frees_of_the_demand, "/demands/override")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_call = VT_ANSWER_NO;
    world_must_plan(w, "object", "store-ram,id=m,size=1,legacy=on", NULL);
    g_assert_true(vt_vm_check_demands(w->vm, 0, NULL, &error));
}

VT_TEST(an_unmet_demand_tells_the_ways_out, "/demands/unmet")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_call = VT_ANSWER_NO;
    world_must_plan(w, "object", "store-ram,id=m,size=1", NULL);
    g_assert_false(vt_vm_check_demands(w->vm, vt_schema_version(w->schema, VT_AXIS_PLATFORM, "2.0"), NULL, &error));
    g_assert_cmpstr(error->message, ==,
                    "store-ram 'm': legacy=off requires platform feature 'new-call', which this host lacks; "
                    "use platform version 2.0, or -object store-ram,id=m,…,legacy=on");
}

VT_TEST(a_missing_host_feature_is_named_with_what_was_seen, "/demands/detail")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;

    world_fast = VT_ANSWER_NO;
    world_must_plan(w, "wire", "tap,id=t", "device", "inner-toy,id=c,netdev=t", NULL);
    g_assert_false(vt_vm_check_demands(w->vm, 0, NULL, &error));
    g_assert_cmpstr(
        error->message, ==,
        "inner-toy 'c': offload=on requires platform feature 'fast-path', which this host lacks (TOYGETFAST); "
        "use -device inner-toy,id=c,…,offload=off");
}

VT_TEST(an_unknown_answer_is_a_warning, "/demands/unknown")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GError) error = NULL;
    g_autofree char *warning = NULL;

    world_call = VT_ANSWER_UNKNOWN;
    world_must_plan(w, "object", "store-ram,id=m,size=1", NULL);
    g_assert_true(vt_vm_check_demands(w->vm, 0, &warning, &error));
    g_assert_nonnull(strstr(warning, "new-call"));
}

VT_TEST(a_probe_file_stands_in_for_the_host, "/demands/probe-file")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtPlatform) platform = NULL;
    int fd = g_file_open_tmp("vt-probe-XXXXXX", &path, &error);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, "{\"fast-path\": \"no\"}", -1, &error));
    platform = vt_platform_new(schema, 0, path, &error);
    g_assert_no_error(error);
    g_assert_cmpint(vt_platform_ask(platform, 1, NULL), ==, VT_ANSWER_NO);
    g_assert_cmpint(vt_platform_ask(platform, 2, NULL), ==, VT_ANSWER_UNKNOWN);
    g_assert_true(g_file_set_contents(path, "{\"fast-pat\": \"no\"}", -1, &error));
    g_assert_null(vt_platform_new(schema, 0, path, &error));
    world_assert_error(error, "unknown platform feature 'fast-pat'; did you mean 'fast-path'?");
    unlink(path);
}
