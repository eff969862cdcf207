/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

typedef struct Fixture {
    VtSchema *schema;
    VtContext *ctx;
} Fixture;

static Fixture *
fixture_new(void)
{
    Fixture *f = g_new0(Fixture, 1);

    f->schema = vt_schema_new(objects_vt_program_objects.layers);
    f->ctx = world_context(f->schema, "toy-q-2.0", "3.0");
    return f;
}

static void
fixture_free(Fixture *f)
{
    vt_context_free(f->ctx);
    vt_schema_free(f->schema);
    g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)

static void
add(Fixture *f, const char *driver, const char *property, const char *value)
{
    g_autoptr(GError) error = NULL;

    vt_context_add_global(f->ctx, driver, property, value, "-global", false, &error);
    g_assert_no_error(error);
}

static void
refuse(Fixture *f, const char *driver, const char *property, const char *value, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(vt_context_add_global(f->ctx, driver, property, value, "-global", false, &error));
    world_assert_error(error, message);
}

static const VtInnerToy *
inner_toy(Fixture *f)
{
    return vt_context_image(f->ctx, vt_schema_class(f->schema, "inner-toy"))->data;
}

VT_TEST(a_global_names_the_class, "/globals/class")
{
    g_autoptr(Fixture) f = fixture_new();

    add(f, "inner-toy", "color", "blue");
    add(f, "inner-toy", "queues", "auto");
    g_assert_cmpstr(inner_toy(f)->backend.color, ==, "blue");
    g_assert_cmpuint(inner_toy(f)->backend.queues, ==, 65535);
}

VT_TEST(a_global_names_an_ancestor_or_an_embedded_class, "/globals/ancestor")
{
    g_autoptr(Fixture) f = fixture_new();

    add(f, "toy-device", "speed", "7");
    add(f, "inner", "vectors", "9");
    g_assert_cmpuint(inner_toy(f)->parent.speed, ==, 7);
    g_assert_cmpuint(inner_toy(f)->backend.vectors, ==, 9);
}

VT_TEST(the_last_global_wins_whatever_it_names, "/globals/last")
{
    g_autoptr(Fixture) f = fixture_new();

    add(f, "inner-toy", "vectors", "5");
    add(f, "inner", "vectors", "6");
    add(f, "inner-toy", "speed", "5");
    add(f, "toy-device", "speed", "6");
    g_assert_cmpuint(inner_toy(f)->backend.vectors, ==, 6);
    g_assert_cmpuint(inner_toy(f)->parent.speed, ==, 6);
}

VT_TEST(a_wrong_global_is_an_error, "/globals/wrong")
{
    g_autoptr(Fixture) f = fixture_new();

    refuse(f, "inner-tay", "speed", "7", "did you mean 'inner-toy'?");
    refuse(f, "inner-toy", "speeed", "7", "did you mean 'speed'?");
    refuse(f, "inner-toy", "speed", "fast", "fast");
    refuse(f, "plain-toy", "addr", "32", "31");
    refuse(f, "plain-toy", "hidden", "on", "internal");
    inner_toy(f);
    refuse(f, "inner-toy", "speed", "7", "cannot be set after objects were created");
}

VT_TEST(a_global_yields_to_the_object_s_own, "/globals/explicit")
{
    g_autoptr(GError) error = NULL;
    g_autoptr(World) w = world_new(NULL, "3.0");
    VtContext *ctx = world_context(w->schema, "toy-q-2.0", "3.0");

    vt_vm_free(w->vm);
    vt_context_add_global(ctx, "toy-device", "speed", "7", "-global", false, &error);
    vt_context_add_global(ctx, "inner", "queues", "3", "-global", false, &error);
    g_assert_no_error(error);
    w->vm = vt_vm_new(ctx, NULL, 0, &error);
    g_assert_no_error(error);
    world_must_plan(w, "device", "plain-toy,id=a,speed=8", "device", "inner-toy,id=b", NULL);
    world_assert_value(w, "a", "speed", "8");
    world_assert_value(w, "b", "speed", "7");
    g_assert_cmpint(world_origin(w, "a", "speed"), ==, VT_ORIGIN_EXPLICIT);
    g_assert_cmpint(world_origin(w, "b", "speed"), ==, VT_ORIGIN_GLOBAL);
    /* Not derived, although the default is. */
    world_assert_value(w, "b", "queues", "3");
}
