/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#ifndef __SANITIZE_ADDRESS__
#include <malloc.h>
#endif
#include <stdio.h>

#include "vt-runtime/config.h"
#include "vt-runtime/wipe.h"

static VtConfig *
create(Fixture *f, const char *root, const char *text)
{
    GError *error = NULL;
    g_autoptr(VtInput) input = vt_input_new_option(text, NULL, "-t", &error);
    VtConfig *config = vt_input_visit_creation(input, f->ctx, vt_schema_class(f->schema, root), &error);

    g_assert_no_error(error);
    return config;
}

static char *
line(json_object *tree)
{
    char *text = vt_json_line(tree);

    json_object_put(tree);
    return text;
}

VT_TEST(config_output_has_what_is_there, "/output/config")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtConfig) config = create(f, "object", "qom-type=lamp,id=l,watts=1,password=secret,cousins=a");

    assert_text(line(vt_output_config(config, VT_TARGET_X86_64, 0)),
                "{\"watts\":1,\"tint\":\"green\",\"maker\":\"someone\",\"num-queues\":65535,"
                "\"bounds\":{\"low\":1,\"high\":20},\"cousins\":[\"a\"]}\n");
    assert_text(line(vt_output_config(config, VT_TARGET_X86_64, VT_OUTPUT_NAMES)),
                "{\"watts\":1,\"tint\":\"green\",\"maker\":\"someone\",\"num-queues\":\"auto\","
                "\"bounds\":{\"low\":1,\"high\":20},\"cousins\":[\"a\"]}\n");
}

VT_TEST(copies_own_what_they_hold, "/output/copies")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtConfig) config = create(f, "node", "driver=raw,file.driver=file,file.filename=x,size=1M");
    const VtProp *prop = vt_class_prop(config->info, "file", 4);
    VtRef copy = {0};

    vt_field_copy(f->schema, prop->layer, prop->row, &copy, vt_config_field(config, prop));
    g_clear_pointer(&config, vt_config_free);
    assert_text(vt_output_text(f->schema, prop->layer, prop->row, &copy), "{\"driver\":\"file\",\"filename\":\"x\"}");
    vt_field_clear(f->schema, prop->layer, prop->row, &copy);
    g_assert_true(!copy.id && !copy.inline_config);
}

VT_TEST(structs_are_copied_deeply, "/output/deep-copies")
{
    g_autoptr(Fixture) f = fixture_new();
    uint16_t type = vt_schema_find_type(f->schema, "Kinds");
    const char *text =
        "{\"text\":\"x\",\"texts\":[\"a\"],\"mac\":\"02:02:03:04:05:06\",\"what\":[1],\"shapes\":[{\"kind\":\"circle\","
        "\"radius\":1,\"label\":\"l\"}],\"either\":\"e\",\"kinds\":{\"text\":\"deep\"},\"colours\":[\"blue\"],"
        "\"switch\":[1,2]}";
    g_autoptr(VtInput) input = vt_input_new_json(text, strlen(text), "-t");
    g_autofree VtKinds *a = g_malloc0(sizeof(VtKinds)), *b = g_malloc0(sizeof(VtKinds));
    VtRow row = {.type = type, .kind = VT_KIND_STRUCT};
    g_autofree char *before = NULL;

    g_assert_true(vt_input_visit_type(input, f->schema, f->ctx, type, a, NULL));
    before = line(vt_output_type(f->schema, type, a, 0));
    vt_field_copy(f->schema, vt_schema_type_layer(f->schema, type), &row, b, a);
    vt_struct_clear(f->schema, type, a);
    assert_text(line(vt_output_type(f->schema, type, b, 0)), before);
    vt_struct_clear(f->schema, type, b);
}

static char *
text_of(Fixture *f, const char *name, const void *field)
{
    uint16_t number = vt_schema_find_type(f->schema, "Kinds");
    const VtLayer *layer = vt_schema_type_layer(f->schema, number);
    const VtType *type = vt_schema_type(f->schema, number);

    for (unsigned i = 0; i < type->count; i++) {
        if (strcmp(vt_str(layer, layer->rows[type->first + i].name), name) == 0) {
            return vt_output_text(f->schema, layer, &layer->rows[type->first + i], field);
        }
    }
    g_assert_not_reached();
}

VT_TEST(values_as_text, "/output/text")
{
    g_autoptr(Fixture) f = fixture_new();
    bool yes = true;
    int8_t minus = -128;
    uint64_t big = UINT64_MAX, bytes = 65536;
    uint16_t automatic = 65535, seven = 7;
    double tenth = 0.1, third = 1.0 / 3, huge = 1e300, whole = 2;
    const char *string = "x y";
    VtPoint point = {.x = 1, .y = 2, .vt_present = {3}};
    VtList points = {1, &point};

    assert_text(text_of(f, "flag", &yes), "on");
    assert_text(text_of(f, "i8", &minus), "-128");
    assert_text(text_of(f, "u64", &big), "18446744073709551615");
    assert_text(text_of(f, "bytes", &bytes), "64K");
    assert_text(text_of(f, "count", &automatic), "auto");
    assert_text(text_of(f, "count", &seven), "7");
    assert_text(text_of(f, "num", &tenth), "0.1");
    assert_text(text_of(f, "num", &third), "0.3333333333333333");
    assert_text(text_of(f, "num", &huge), "1e+300");
    assert_text(text_of(f, "num", &whole), "2");
    assert_text(text_of(f, "text", &string), "x y");
    assert_text(text_of(f, "points", &points), "[{\"x\":1,\"y\":2}]");
    assert_text(text_of(f, "nothing", &yes), "null");
}

VT_TEST(json_text_is_plain, "/output/json")
{
    const char *text = "{\"a/b\":[1,{\"c\":\"\\n\"}],\"d\":2}";
    json_object *tree = vt_json_parse(text, strlen(text), "", NULL);

    assert_text(vt_json_line(tree), "{\"a/b\":[1,{\"c\":\"\\n\"}],\"d\":2}\n");
    assert_text(vt_json_pretty(tree),
                "{\n  \"a/b\": [\n    1,\n    {\n      \"c\": \"\\n\"\n    }\n  ],\n  \"d\": 2\n}\n");
    json_object_put(tree);
}

/* The text of json-c is the reference. */
VT_TEST(json_text_is_that_of_json_c, "/output/json-c")
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "[{},[],[[]],{\"a\":{}}]",
        "[true,false,null,0,-1,9223372036854775807,-9223372036854775808,18446744073709551615,0.1,1e300,-0.0]",
        "\"\\u0001\\u001f\\u007f\\b\\f\\n\\r\\t\\\\\\\"/é\"",
        "{\"\\\"k\\n\":\"v\",\"\":[1,{\"b\":[2,3]},\"\"]}",
        "null",
        "7",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        json_object *tree = vt_json_parse(texts[i], strlen(texts[i]), "", &error);
        g_autofree char *pretty = NULL;

        g_assert_no_error(error);
        assert_text(vt_json_text(tree),
                    json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        /* json-c breaks the line of an empty object. */
        if (!strstr(texts[i], "{}") && !strstr(texts[i], "[]")) {
            pretty = g_strdup_printf("%s\n", json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PRETTY |
                                                                                      JSON_C_TO_STRING_SPACED |
                                                                                      JSON_C_TO_STRING_NOSLASHESCAPE));
            assert_text(vt_json_pretty(tree), pretty);
        }
        json_object_put(tree);
    }
}

VT_TEST(an_empty_value_takes_one_line, "/output/empty")
{
    json_object *tree = vt_json_parse("{\"a\":{},\"b\":[]}", 15, "", NULL);

    assert_text(vt_json_pretty(tree), "{\n  \"a\": {},\n  \"b\": []\n}\n");
    json_object_put(tree);
}

#ifndef __SANITIZE_ADDRESS__
/* Returns whether the heap contains the bytes whose complement is @masked. */
static bool
heap_has(const char *masked, size_t len)
{
    g_autofree char *maps = NULL;
    const char *line;
    const char *from, *to;
    void *start, *end;

    g_assert_true(g_file_get_contents("/proc/self/maps", &maps, NULL, NULL));
    line = strstr(maps, "[heap]");
    g_assert_nonnull(line);
    while (line > maps && line[-1] != '\n') {
        line--;
    }
    g_assert_cmpint(sscanf(line, "%p-%p", &start, &end), ==, 2);
    from = start;
    to = end;
    for (; from + len <= to; from++) {
        size_t n = 0;

        while (n < len && from[n] == (char)~masked[n]) {
            n++;
        }
        if (n == len) {
            return true;
        }
    }
    return false;
}

VT_TEST(no_text_of_a_tree_remains, "/output/wiped")
{
    enum { LEN = 300 };
    char masked[LEN];
    g_autoptr(GString) text = g_string_new("[\"");
    json_object *tree;

    mallopt(M_PERTURB, 0);
    for (size_t i = 0; i < LEN; i++) {
        char c = (char)('a' + i * i % 23);

        masked[i] = (char)~c;
        g_string_append_c(text, c);
    }
    g_string_append(text, "\",1]");
    tree = vt_json_parse(text->str, text->len, "", NULL);
    vt_wipe_string(g_steal_pointer(&text));
    g_assert_true(heap_has(masked, LEN));
    vt_wipe_str(vt_json_line(tree));
    vt_wipe_str(vt_json_text(tree));
    vt_wipe_str(vt_json_pretty(tree));
    json_object_put(tree);
    g_assert_false(heap_has(masked, LEN));
}
#endif

VT_TEST(an_inline_definition_is_copied_whole, "/output/copies-whole")
{
    static const VtOption option = {.name = "node"};
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtConfig) config = create(f, "node", "driver=raw,file.driver=file,file.filename=x,size=1M");
    const VtProp *prop = vt_class_prop(config->info, "file", 4);
    VtConfig *inside = ((VtRef *)vt_config_field(config, prop))->inline_config;
    VtRef copy = {0};

    inside->option = &option;
    inside->model = g_strdup("raw");
    inside->id = g_strdup("i");
    vt_field_copy(f->schema, prop->layer, prop->row, &copy, vt_config_field(config, prop));
    g_assert_true(copy.inline_config->option == &option);
    g_assert_cmpstr(copy.inline_config->model, ==, "raw");
    g_assert_cmpstr(copy.inline_config->id, ==, "i");
    g_assert_cmpstr(copy.inline_config->where, ==, inside->where);
    g_assert_true(copy.inline_config->image == inside->image && copy.inline_config->info == inside->info);
    vt_field_clear(f->schema, prop->layer, prop->row, &copy);
}
