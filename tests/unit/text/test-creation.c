/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "vt-runtime/config.h"

#define OBJECT(text) fixture_creation(f, "object", "qom-type", text)
#define NODE(text)   fixture_creation(f, "node", NULL, text)

VT_TEST(creation_lays_members_over_the_image, "/creation/members")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":60}"), "lamp {\"id\":\"l\",\"watts\":60}");
    assert_text(OBJECT("lamp,id=l,watts=60,maker=me"), "lamp {\"id\":\"l\",\"watts\":60,\"maker\":\"me\"}");
    assert_text(
        OBJECT("{\"watts\":60,\"spots\":[{\"x\":1,\"y\":2}],\"id\":\"l\",\"qom-type\":\"lamp\",\"tint\":\"red\"}"),
        "lamp {\"id\":\"l\",\"watts\":60,\"tint\":\"red\",\"spots\":[{\"x\":1,\"y\":2}]}");
    assert_text(OBJECT("{\"\\u0069d\":\"l\",\"w\\u0061tts\":1,\"\\u0071om-type\":\"lamp\"}"),
                "lamp {\"id\":\"l\",\"watts\":1}");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":1,\"bounds\":{\"low\":2}}"),
                "lamp {\"id\":\"l\",\"watts\":1,\"bounds\":{\"low\":2,\"high\":9}}");
    assert_text(
        OBJECT("{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":1,\"plugged-into\":\"w\",\"cousins\":[\"a\",\"b\"]}"),
        "lamp {\"id\":\"l\",\"watts\":1,\"plugged-into\":\"w\",\"cousins\":[\"a\",\"b\"]}");
    assert_text(OBJECT("lamp,id=l,watts=1,num-queues=4,bounds.note=a,,b"),
                "lamp {\"id\":\"l\",\"watts\":1,\"num-queues\":4,\"bounds\":{\"low\":1,\"high\":9,\"note\":\"a,b\"}}");
    assert_text(OBJECT("lamp,id=l,watts=1,spot.light=on,spot.x=1,spot.y=2"),
                "lamp {\"id\":\"l\",\"watts\":1,\"spot\":{\"x\":1,\"y\":2},\"spot.light\":\"on\"}");
}

VT_TEST(creation_errors_say_where, "/creation/errors")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(OBJECT("lamp,id=l,watts=101"), "error: -t: lamp: watts: 101 exceeds the maximum 100");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":101}"),
                "error: -t: lamp: watts: 101 exceeds the maximum 100");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\n\"id\":\"l\",\"watts\":101}"),
                "error: -t:2:18: watts: 101 exceeds the maximum 100");
    assert_text(OBJECT("lamp,id=l,watt=1"), "error: -t: lamp: unknown member 'watt'; did you mean 'watts'?");
    assert_text(OBJECT("lamp,id=l,watts=1,num_queue=1"),
                "error: -t: lamp: unknown member 'num_queue'; did you mean 'num-queues'?");
    assert_text(OBJECT("lamp,id=l"), "error: -t: lamp: missing member 'watts'");
    assert_text(OBJECT("lamp,watts=1"), "error: -t: lamp: missing member 'id'");
    assert_text(
        OBJECT("lamp,id=1l,watts=1"),
        "error: -t: lamp: id: '…' is not an identifier; expected a letter, then letters, digits, '-', '.', '_'");
    assert_text(
        OBJECT("{\"qom-type\":\"lamp\",\"id\":\"\",\"watts\":1}"),
        "error: -t: lamp: id: '…' is not an identifier; expected a letter, then letters, digits, '-', '.', '_'");
    assert_text(OBJECT("{\"id\":\"l\",\"watts\":1}"), "error: -t: missing member 'qom-type'");
    assert_text(OBJECT("id=l"), "error: -t: missing member 'qom-type'");
    assert_text(OBJECT("{\"qom-type\":1}"), "error: -t: qom-type: expected a string, got something else");
    assert_text(OBJECT("lmap,id=l"), "error: -t: qom-type: unknown object 'lmap'; did you mean 'lamp'?");
    assert_text(OBJECT("zzzzzz,id=l"), "error: -t: qom-type: unknown object 'zzzzzz'");
    assert_text(OBJECT("file,id=l"), "error: -t: qom-type: unknown object 'file'");
    assert_text(OBJECT("lamp-family,id=l"), "error: -t: qom-type: 'lamp-family' is abstract: it cannot be created");
    assert_text(OBJECT("hidden-lamp,id=l"), "error: -t: qom-type: 'hidden-lamp' cannot be created by users");
    assert_text(OBJECT("lamp,id=l,watts=1,serial=x"), "error: -t: lamp: member 'serial' is internal: it cannot be set");
    assert_text(OBJECT("lamp,id=l,watts=1,arm-only=on"),
                "error: -t: lamp: member 'arm-only' does not exist for target x86_64");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"qom-type\":\"lamp\"}"), "error: -t: lamp: repeated member 'qom-type'");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"id\":\"a\",\"id\":\"a\"}"), "error: -t: lamp: repeated member 'id'");
    assert_text(OBJECT("{\"watts\":1,\"watts\":1,\"qom-type\":\"lamp\"}"), "error: -t: lamp: repeated member 'watts'");
    assert_text(OBJECT("{\"spots\":[1,\"qom-type\":\"lamp\"}"),
                "error: -t:1:31: expected ',' or '}', got the end of the text");
    assert_text(OBJECT("{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":1} x"),
                "error: -t:1:40: expected the end of the text, got something else");
    assert_text(OBJECT("[]"), "error: -t: expected an object, got something else");
}

VT_TEST(inline_definitions_nest, "/creation/inline")
{
    g_autoptr(Fixture) f = fixture_new();
    const char *given = "node-raw {\"file\":{\"driver\":\"file\",\"filename\":\"x\"}}";

    assert_text(NODE("{\"driver\":\"raw\",\"file\":\"below\"}"), "node-raw {\"file\":\"below\"}");
    assert_text(NODE("{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"x\"}}"), given);
    assert_text(NODE("{\"file\":{\"filename\":\"x\",\"driver\":\"file\"},\"driver\":\"raw\"}"), given);
    assert_text(NODE("driver=raw,file.driver=file,file.filename=x"), given);
    assert_text(NODE("driver=raw,file=below,size=4k"), "node-raw {\"file\":\"below\",\"size\":4096}");
    assert_text(
        NODE("driver=raw,file.driver=raw,file.file.driver=file,file.file.filename=x,node-name=n"),
        "node-raw {\"id\":\"n\",\"file\":{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"x\"}}}");
    assert_text(NODE("driver=raw,file.driver=file"), "error: -t: raw: file: missing member 'filename'");
    assert_text(NODE("driver=raw,file.driver=fle"),
                "error: -t: raw: file.driver: unknown block-node 'fle'; did you mean 'file'?");
    assert_text(NODE("driver=raw,file.filename=x"), "error: -t: raw: file: missing member 'driver'");
    assert_text(NODE("{\"driver\":\"raw\",\"file\":1}"), "error: -t: raw: file: expected a string, got 1");
}

VT_TEST(wrapped_members, "/creation/wrap")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(fixture_creation(f, "link", "type", "{\"type\":\"pipe\",\"id\":\"p\",\"data\":{\"path\":\"x\"}}"),
                "link-pipe {\"id\":\"p\",\"path\":\"x\"}");
    assert_text(fixture_creation(f, "link", "type", "{\"data\":{\"path\":\"x\"},\"id\":\"p\",\"type\":\"pipe\"}"),
                "link-pipe {\"id\":\"p\",\"path\":\"x\"}");
    assert_text(fixture_creation(f, "link", "type", "pipe,id=p,path=x"), "link-pipe {\"id\":\"p\",\"path\":\"x\"}");
    assert_text(fixture_creation(f, "link", "type", "{\"type\":\"pipe\",\"id\":\"p\",\"data\":{\"id\":\"x\"}}"),
                "error: -t: pipe: data: unknown member 'id'");
    assert_text(fixture_creation(f, "link", "type", "{\"type\":\"pipe\",\"id\":\"p\",\"data\":{},\"data\":{}}"),
                "error: -t: pipe: repeated member 'data'");
    assert_text(fixture_creation(f, "link", "type", "{\"type\":\"pipe\",\"id\":\"p\",\"data\":1}"),
                "error: -t: pipe: data: expected an object, got 1");
}

static VtConfig *
lamp(Fixture *f, const char *text)
{
    GError *error = NULL;
    g_autoptr(VtInput) input = vt_input_new_json(text, strlen(text), "vm.json");
    VtConfig *config = vt_input_visit_creation(input, f->ctx, vt_schema_class(f->schema, "object"), &error);

    g_assert_no_error(error);
    return config;
}

VT_TEST(members_are_laid_over_a_config, "/creation/overlay")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtConfig) config =
        lamp(f, "{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":5,\"maker\":\"a\",\"bounds\":{\"low\":3}}");
    static const char *const texts[][2] = {
        {"{\"watts\":6,\"maker\":\"b\"}", NULL},
        {"{\"bounds\":{\"note\":\"x\",\"high\":\"y\"}}",
         "-t: lamp: bounds.high: expected an integer, got a string 'y'"},
        {"{\"maker\":\"c\",\"maker\":\"d\"}", "-t: lamp: repeated member 'maker'"},
        {"{\"id\":\"c\"}", "-t: lamp: unknown member 'id'"},
        {"{\"qom-type\":\"lamp\"}", "-t: lamp: unknown member 'qom-type'"},
        {"{\"password\":\"lamp\",\"id\":\"c\"}",
         "-t: lamp: unknown member; its name is not shown because it may be part of a secret"},
        {"{\"bounds\":{\"note\":\"x\"}}", NULL},
    };
    const VtLamp *data = config->data;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        GError *error = NULL;
        g_autoptr(VtInput) input = vt_input_new_json(texts[i][0], strlen(texts[i][0]), "-t");
        bool ok = vt_input_visit_members(input, f->ctx, config, &error);

        g_assert_cmpint(ok, ==, !texts[i][1]);
        g_assert_cmpstr(error ? error->message : NULL, ==, texts[i][1]);
        g_clear_error(&error);
    }
    g_assert_cmpuint(data->watts, ==, 6);
    g_assert_cmpstr(data->maker, ==, "c");
    g_assert_cmpstr(data->bounds.note, ==, "x");
    g_assert_cmpuint(data->bounds.low, ==, 3);
}

static bool
collect(G_GNUC_UNUSED VtConfig *config, const char *path, G_GNUC_UNUSED const VtLayer *layer,
        G_GNUC_UNUSED const VtRow *row, VtRef *ref, void *opaque, GError **error)
{
    g_string_append_printf(opaque, "%s=%s ", path, ref->id ? ref->id : "{}");
    return strcmp(ref->id ? ref->id : "", "stop") != 0 || vt_error_set(error, "stopped");
}

VT_TEST(references_are_found, "/creation/references")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtConfig) config = lamp(f, "{\"qom-type\":\"lamp\",\"id\":\"l\",\"watts\":5,\"plugged-into\":\"w\","
                                         "\"cousins\":[\"a\",\"stop\",\"b\"]}");
    g_autoptr(GString) found = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(config->id, ==, "l");
    g_assert_cmpstr(config->where, ==, "vm.json");
    g_assert_false(vt_config_each_ref(config, collect, found, &error));
    g_assert_cmpstr(error->message, ==, "stopped");
    g_assert_cmpstr(found->str, ==, "plugged-into=w cousins[0]=a cousins[1]=stop ");
}

VT_TEST(bare_values, "/creation/bare-values")
{
    g_autoptr(Fixture) f = fixture_new();
    const VtClassInfo *info = vt_schema_class(f->schema, "lamp");
    static const char *const cases[][3] = {
        {"watts", "0x10", "16"}, {"num-queues", "auto", "auto"}, {"maker", "{a,b", "{a,b"}, {"tint", "red", "red"},
        {"spots", "x", NULL},    {"cousins", "x", "[\"x\"]"},    {"watts", "1k", NULL},     {"arm-only", "on", "on"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const VtProp *prop = vt_class_prop(info, cases[i][0], strlen(cases[i][0]));
        g_autoptr(VtInput) input = vt_input_new_value(cases[i][1], "-global");
        uint64_t field[8] = {0};
        GError *error = NULL;

        if (vt_input_visit_value(input, f->schema, f->ctx, prop->layer, prop->row, field, &error)) {
            assert_text(vt_output_text(f->schema, prop->layer, prop->row, field), cases[i][2]);
            vt_field_clear(f->schema, prop->layer, prop->row, field);
        } else {
            g_assert_null(cases[i][2]);
            g_error_free(error);
        }
        for (size_t j = 0; j < G_N_ELEMENTS(field); j++) {
            g_assert_true(cases[i][2] ? strcmp(cases[i][0], "spots") : field[j] == 0);
        }
    }
}
