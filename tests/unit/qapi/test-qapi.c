/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "qapi-qapi.h"
#include "vt-test.h"

static char *
text_of(json_object *tree)
{
    char *text = g_strdup(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN));

    json_object_put(tree);
    return text;
}

static VtVisitor *
reader(const char *text)
{
    return vt_visitor_new_input(&qapi_vt_program_qapi, vt_input_new_json(text, strlen(text), "test"));
}

/* ---- the commands of the schema ---------------------------------------------------------------------- */

bool
vt_qmp_move_dot(struct VtMonitor *monitor G_GNUC_UNUSED, const VtQObjMoveDotArg *arg, VtDot *ret,
                GError **error G_GNUC_UNUSED)
{
    ret->x = arg->dot.x + arg->by;
    ret->name = g_strdup("moved");
    ret->vt_present[0] = 3;
    return true;
}

bool
vt_qmp_query_dots(struct VtMonitor *monitor G_GNUC_UNUSED, VtDotList *ret, GError **error G_GNUC_UNUSED)
{
    ret->n = 2;
    ret->v = g_new0(VtDot, ret->n);
    ret->v[1].name = g_strdup("second");
    ret->v[1].vt_present[0] = 2;
    return true;
}

bool
vt_qmp_wait(struct VtMonitor *monitor G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return true;
}

/* ---- types ------------------------------------------------------------------------------------------- */

VT_TEST(a_value_goes_in_and_out, "/qapi/visit/in-and-out")
{
    g_autoptr(VtVisitor) in = reader("{\"x\": 5, \"kind\": \"dot\", \"name\": \"p\"}");
    g_autoptr(VtVisitor) out = vt_visitor_new_output(&qapi_vt_program_qapi);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    VtShape *shape = NULL;

    g_assert_true(visit_type_Shape(in, NULL, &shape, &error));
    g_assert_no_error(error);
    g_assert_cmpint(shape->u.dot.x, ==, 5);
    g_assert_true(visit_type_Shape(out, NULL, &shape, &error));
    text = text_of(vt_visitor_output(out));
    g_assert_cmpstr(text, ==, "{\"kind\":\"dot\",\"x\":5,\"name\":\"p\"}");
    qapi_free_Shape(shape);
}

VT_TEST(an_error_leaves_nothing, "/qapi/visit/error")
{
    g_autoptr(VtVisitor) in = reader("{\"kind\": \"line\"}");
    g_autoptr(GError) error = NULL;
    VtShape *shape = NULL;

    g_assert_false(visit_type_Shape(in, "shape", &shape, &error));
    g_assert_null(shape);
    g_assert_true(g_str_has_prefix(error->message, "shape: test: kind: "));
    qapi_free_Shape(shape);
}

VT_TEST(an_enum_goes_in_and_out, "/qapi/visit/enum")
{
    g_autoptr(VtVisitor) in = reader("\"dark\"");
    g_autoptr(VtVisitor) out = vt_visitor_new_output(&qapi_vt_program_qapi);
    g_autofree char *text = NULL;
    VtShade shade = VT_SHADE_LIGHT;

    g_assert_true(visit_type_Shade(in, NULL, &shade, NULL));
    g_assert_cmpint(shade, ==, VT_SHADE_DARK);
    g_assert_true(visit_type_Shade(out, NULL, &shade, NULL));
    text = text_of(vt_visitor_output(out));
    g_assert_cmpstr(text, ==, "\"dark\"");
}

/* ---- commands ---------------------------------------------------------------------------------------- */

VT_TEST(a_command_is_marshalled, "/qapi/marshal/struct")
{
    json_object *args = json_tokener_parse("{\"dot\": {\"x\": 4}, \"by\": 3}");
    json_object *answer = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;

    g_assert_true(qmp_marshal_move_dot(NULL, args, &answer, &error));
    g_assert_no_error(error);
    text = text_of(answer);
    g_assert_cmpstr(text, ==, "{\"x\":7,\"name\":\"moved\"}");
    g_assert_false(qmp_marshal_wait(NULL, args, &answer, &error));
    g_assert_cmpstr(error->message, ==, "wait: takes no arguments");
    g_clear_error(&error);
    g_assert_false(qmp_marshal_move_dot(NULL, NULL, &answer, &error));
    g_assert_nonnull(error);
    json_object_put(args);
}

VT_TEST(a_list_is_returned_and_freed, "/qapi/marshal/list")
{
    json_object *answer = NULL;
    g_autofree char *text = NULL;

    g_assert_true(qmp_marshal_query_dots(NULL, NULL, &answer, NULL));
    text = text_of(answer);
    g_assert_cmpstr(text, ==, "[{\"x\":0},{\"x\":0,\"name\":\"second\"}]");
}

VT_TEST(a_command_without_answer, "/qapi/marshal/nothing")
{
    json_object *answer = NULL;

    g_assert_true(qmp_marshal_wait(NULL, NULL, &answer, NULL));
    g_assert_null(answer);
}
