/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

VT_TEST(an_image_is_made_once, "/image/once")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autoptr(VtContext) ctx = world_context(schema, "toy-q-2.0", "3.0");
    const VtClassInfo *info = vt_schema_class(schema, "plain-toy");
    const VtImage *image = vt_context_image(ctx, info);
    const VtPlainToy *toy = image->data;

    g_assert_true(vt_context_image(ctx, info) == image);
    g_assert_cmpuint(toy->parent.speed, ==, 10);
    g_assert_cmpuint(toy->window.base, ==, 5);
    g_assert_cmpstr(toy->window.label, ==, "view");
    g_assert_cmpuint(toy->tags.n, ==, 2);
    g_assert_cmpstr(toy->tags.v[1], ==, "b");
    g_assert_cmpuint(toy->vt_given[0], ==, 0);
    g_assert_null(toy->hint);
}

VT_TEST(an_object_owns_its_copy, "/image/copy")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autoptr(VtContext) ctx = world_context(schema, "toy-i-1.1", "3.0");
    const VtClassInfo *info = vt_schema_class(schema, "plain-toy");
    g_autoptr(VtConfig) one = vt_config_new(ctx, info);
    g_autoptr(VtConfig) two = vt_config_new(ctx, info);
    VtPlainToy *a = one->data, *b = two->data;

    g_assert_cmpuint(a->parent.speed, ==, 1);
    g_assert_true(a->tags.v[0] != b->tags.v[0]);
    g_assert_true(a->window.label != b->window.label);
    a->window.label[0] = 'V';
    g_assert_cmpstr(b->window.label, ==, "view");
    g_assert_true(one->image == two->image);
}

VT_TEST(two_contexts_stand_side_by_side, "/image/contexts")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autoptr(VtContext) old = world_context(schema, "toy-q-1.0", "1.0");
    g_autoptr(VtContext) new = world_context(schema, "toy-q-3.0", "3.0");
    const VtClassInfo *info = vt_schema_class(schema, "inner-toy");
    const VtInnerToy *before = vt_context_image(old, info)->data;
    const VtInnerToy *after = vt_context_image(new, info)->data;

    g_assert_cmpuint(before->backend.queues, ==, 1);
    g_assert_cmpuint(after->backend.queues, ==, 65535);
    g_assert_cmpuint(before->backend.vectors, ==, 3);
    g_assert_cmpuint(after->backend.vectors, ==, 4);
    g_assert_cmpstr(after->backend.color, ==, "red");
}

VT_TEST(a_plain_struct_has_its_base_defaults, "/image/struct")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    uint16_t type = vt_schema_find_type(schema, "Window");
    VtWindow one = {0}, two = {0};

    vt_struct_init(schema, NULL, type, &one);
    vt_struct_init(schema, NULL, type, &two);
    g_assert_cmpuint(one.base, ==, 16);
    g_assert_cmpstr(one.label, ==, "view");
    g_assert_true(one.label != two.label);
    vt_struct_clear(schema, type, &one);
    vt_struct_clear(schema, type, &two);
}
