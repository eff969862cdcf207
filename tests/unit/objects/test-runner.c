/* SPDX-License-Identifier: MIT */
/* Objects that another process has: they are planned and checked here, and take nothing here. */
#include "world.h"

#include "vt-runtime/input.h"

typedef struct Other {
    bool refuses;
    GString *calls;
} Other;

static bool
has(const VtObject *object, void *opaque)
{
    (void)opaque;
    return g_strcmp0(vt_object_id(object), "here") != 0;
}

static bool
note(Other *other, const char *what, const VtObject *object, GError **error)
{
    g_string_append_printf(other->calls, "%s%s ", what, vt_object_id(object));
    return !other->refuses || vt_error_set(error, "not there");
}

static bool
create(VtObject *object, void *opaque, GError **error)
{
    return note(opaque, "+", object, error);
}

static bool
remove_it(VtObject *object, void *opaque, GError **error)
{
    return note(opaque, "-", object, error);
}

static const VtRunnerOps ops = {.has = has, .create = create, .remove = remove_it};

static bool
add(World *world, const char *text, GError **error)
{
    VtInput *input = vt_input_new_option(text, "driver", "device_add", NULL);

    return vt_vm_create(world->vm, vt_schema_class(world->schema, "device"), input, true, NULL, error);
}

VT_TEST(objects_of_a_runner_need_no_model, "/runner/realize")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GString) calls = g_string_new(NULL);
    Other other = {false, calls};
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "stub-toy,id=s", "device", "plain-toy,id=p", "object", "store-ram,id=here,size=1",
                    NULL);
    g_assert_cmpstr(vt_object_id(vt_vm_without_full_model(w->vm)), ==, "s");
    vt_vm_set_runner(w->vm, &ops, &other);
    g_assert_true(vt_vm_realize(w->vm, &error));
    g_assert_no_error(error);
    g_assert_true(vt_object_realized(world_object(w, "p")));
    g_assert_true(vt_object_runs_elsewhere(world_object(w, "p")));
    g_assert_false(vt_object_runs_elsewhere(world_object(w, "here")));
    /* The command line of the other process has created them. */
    g_assert_cmpstr(calls->str, ==, "");
    g_assert_nonnull(strstr(world_log->str, "+here "));
    g_assert_null(strstr(world_log->str, "+p "));
    world_assert_value(w, "p", "bus", "toy.0");
}

VT_TEST(what_the_runner_refuses_is_nowhere, "/runner/hotplug")
{
    g_autoptr(World) w = world_new("toy-q-2.0", "3.0");
    g_autoptr(GString) calls = g_string_new(NULL);
    Other other = {true, calls};
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr(GError) error = NULL;

    world_must_plan(w, "device", "bridge-toy,id=up", NULL);
    vt_vm_set_runner(w->vm, &ops, &other);
    g_assert_true(vt_vm_realize(w->vm, &error));
    before = world_report(w, true);
    g_assert_false(add(w, "plain-toy,id=b,bus=up", &error));
    world_assert_error(error, "not there");
    g_clear_error(&error);
    after = world_report(w, true);
    g_assert_cmpstr(after, ==, before);

    other.refuses = false;
    g_assert_true(add(w, "plain-toy,id=b,bus=up", &error));
    g_assert_no_error(error);
    other.refuses = true;
    g_assert_false(vt_vm_delete(w->vm, "device", "b", &error));
    g_clear_error(&error);
    g_assert_nonnull(vt_vm_find(w->vm, "device", "b"));
    other.refuses = false;
    g_assert_true(vt_vm_delete(w->vm, "device", "b", &error));
    g_assert_null(vt_vm_find(w->vm, "device", "b"));
    g_assert_cmpstr(calls->str, ==, "+b +b -b -b ");
}
