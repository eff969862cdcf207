/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define KINDS(text) fixture_type(f, "Kinds", text)

VT_TEST(every_kind_is_decoded, "/visit/kinds")
{
    g_autoptr(Fixture) f = fixture_new();
    const char *text =
        "{\"flag\":true,\"i8\":-128,\"i16\":-32768,\"i32\":-2147483648,\"i64\":-9223372036854775808,\"u8\":255,\"u16\":"
        "65535,"
        "\"u32\":4294967295,\"u64\":18446744073709551615,\"size\":4096,\"num\":0.1,\"text\":\"x\",\"colour\":\"blue\","
        "\"count\":65535,\"mac\":\"52:54:00:12:34:56\",\"bytes\":7,\"point\":{\"x\":1,\"y\":-2},"
        "\"points\":[{\"x\":3,\"y\":4},{\"x\":5,\"y\":6}],\"texts\":[\"a\",\"b\"],\"ints\":[1,2,3,4,5],\"colours\":["
        "\"red\"],"
        "\"shape\":{\"kind\":\"circle\",\"id\":\"c\",\"radius\":9},\"either\":\"word\",\"what\":{\"any\":[1,null]},"
        "\"nothing\":null,\"kinds\":{\"flag\":false,\"seven\":8,\"name\":\"n\"},\"switch\":[1],\"shapes\":[{\"kind\":"
        "\"empty\"}],"
        "\"narrow\":-5,\"low\":-10,\"seven\":1,\"name\":\"me\"}";

    assert_text(KINDS(text), text);
}

VT_TEST(defaults_fill_what_is_absent, "/visit/defaults")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("{}"), "{\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"name\":\"x\"}"), "{\"seven\":7,\"name\":\"x\"}");
    assert_text(KINDS("{\"kinds\":{}}"), "{\"kinds\":{\"seven\":7,\"name\":\"none\"},\"seven\":7,\"name\":\"none\"}");
}

VT_TEST(order_and_blanks_do_not_matter, "/visit/order")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS(" { \"name\" : \"x\" ,\n\"seven\"\t: 1 ,\"flag\" :false } "),
                "{\"flag\":false,\"seven\":1,\"name\":\"x\"}");
    assert_text(KINDS("{\"\\u0066lag\":true}"), "{\"flag\":true,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"text\":\"a\\nb\"}"), "{\"text\":\"a\\nb\",\"seven\":7,\"name\":\"none\"}");
}

VT_TEST(integers_keep_to_their_range, "/visit/integers")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("{\"i8\":128}"), "error: -t: i8: 128 exceeds the maximum 127");
    assert_text(KINDS("{\"i8\":-129}"), "error: -t: i8: -129 is below the minimum -128");
    assert_text(KINDS("{\"u8\":-1}"), "error: -t: u8: -1 is below the minimum 0");
    assert_text(KINDS("{\"u8\":-0}"), "{\"u8\":0,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"u16\":70000}"), "error: -t: u16: 70000 exceeds the maximum 65535");
    assert_text(KINDS("{\"i64\":9223372036854775808}"),
                "error: -t: i64: 9223372036854775808 exceeds the maximum 9223372036854775807");
    assert_text(KINDS("{\"i64\":-9223372036854775809}"),
                "error: -t: i64: -9223372036854775809 is below the minimum -9223372036854775808");
    assert_text(KINDS("{\"u64\":18446744073709551616}"),
                "error: -t: u64: 18446744073709551616 exceeds the maximum 18446744073709551615");
    assert_text(KINDS("{\"u64\":99999999999999999999999}"),
                "error: -t: u64: 99999999999999999999999 exceeds the maximum 18446744073709551615");
    assert_text(KINDS("{\"narrow\":11}"), "error: -t: narrow: 11 exceeds the maximum 10");
    assert_text(KINDS("{\"narrow\":-6}"), "error: -t: narrow: -6 is below the minimum -5");
    assert_text(KINDS("{\"low\":-4}"), "error: -t: low: -4 exceeds the maximum -5");
    assert_text(KINDS("{\"low\":3}"), "error: -t: low: 3 exceeds the maximum -5");
    assert_text(KINDS("{\"low\":-5}"), "{\"low\":-5,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"i32\":1e3}"), "error: -t: i32: expected an integer, got 1e3");
    assert_text(KINDS("{\"i32\":1.0}"), "error: -t: i32: expected an integer, got 1.0");
    assert_text(KINDS("{\"i32\":01}"), "error: -t:1:8: i32: malformed number '01'");
    assert_text(KINDS("{\"ints\":[1,2,300]}"), "error: -t: ints[2]: 300 exceeds the maximum 127");
}

VT_TEST(wrong_types_are_named, "/visit/types")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("{\"i32\":\"x\"}"), "error: -t: i32: expected an integer, got a string 'x'");
    assert_text(KINDS("{\"i32\":null}"), "error: -t: i32: expected an integer, got null");
    assert_text(KINDS("{\"i32\":[]}"), "error: -t: i32: expected an integer, got a list");
    assert_text(KINDS("{\"flag\":1}"), "error: -t: flag: expected a boolean, got 1");
    assert_text(KINDS("{\"flag\":\"on\"}"), "error: -t: flag: expected a boolean, got a string 'on'");
    assert_text(KINDS("{\"text\":true}"), "error: -t: text: expected a string, got true");
    assert_text(KINDS("{\"text\":{}}"), "error: -t: text: expected a string, got an object");
    assert_text(KINDS("{\"num\":\"1\"}"), "error: -t: num: expected a number, got a string '1'");
    assert_text(KINDS("{\"point\":[]}"), "error: -t: point: expected an object, got a list");
    assert_text(KINDS("{\"points\":{}}"), "error: -t: points: expected a list, got an object");
    assert_text(KINDS("{\"nothing\":0}"), "error: -t: nothing: expected null, got 0");
    assert_text(KINDS("{\"colour\":\"reed\"}"), "error: -t: colour: expected one of red, green, blue, got 'reed'");
    assert_text(KINDS("{\"colour\":1}"), "error: -t: colour: expected a string, got 1");
    assert_text(KINDS("{\"mac\":1}"), "error: -t: mac: expected a string, got 1");
    assert_text(KINDS("{\"either\":1}"), "error: -t: either: expected text, shape or none, got 1");
    assert_text(KINDS("[]"), "error: -t: expected an object, got something else");
    assert_text(KINDS("{\"point\":{\"x\":1,\"y\":{}}}"), "error: -t: point.y: expected an integer, got an object");
    assert_text(KINDS("{\"points\":[{\"x\":1,\"y\":2},{\"x\":1,\"y\":true}]}"),
                "error: -t: points[1].y: expected an integer, got true");
}

VT_TEST(members_are_checked, "/visit/members")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("{\"nane\":\"x\"}"), "error: -t: unknown member 'nane'; did you mean 'name'?");
    assert_text(KINDS("{\"zzzzzz\":1}"), "error: -t: unknown member 'zzzzzz'");
    assert_text(KINDS("{\"text\":\"http://a:b@c\",\"zzzzzz\":1}"),
                "error: -t: unknown member; its name is not shown because it may be part of a secret");
    assert_text(KINDS("{\"\":1}"), "error: -t: unknown member ''");
    assert_text(KINDS("{\"u8\":1,\"i8\":2,\"u8\":1}"), "error: -t: repeated member 'u8'");
    assert_text(KINDS("{\"u8\":1,\"u8\":1}"), "error: -t: repeated member 'u8'");
    assert_text(KINDS("{\"point\":{\"x\":1}}"), "error: -t: point: missing member 'y'");
    assert_text(KINDS("{\"point\":{}}"), "error: -t: point: missing member 'x'");
    assert_text(KINDS("{\"what\":{\"a\":1,\"a\":2}}"), "error: -t:1:16: what: repeated member '…'");
    assert_text(KINDS("{\"text\":\"a\",\"texts\":[\"b\",\"c\"],\"what\":[1],\"point\":{\"x\":1,\"y\":}}"),
                "error: -t:1:61: point.y: expected a value, got '}'");
}

VT_TEST(positions_are_those_of_the_token, "/visit/positions")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(VtInput) input = vt_input_new_json_at("{\"u8\": 1,\n \"u16\": 70000}", 24, "vm.json", "device[0]", 12, 7);
    uint16_t type = vt_schema_find_type(f->schema, "Kinds");
    GError *error = NULL;
    g_autofree void *data = g_malloc0(sizeof(VtKinds));

    g_assert_false(vt_input_visit_type(input, f->schema, f->ctx, type, data, &error));
    g_assert_cmpstr(error->message, ==, "vm.json:13:9: device[0].u16: 70000 exceeds the maximum 65535");
    g_clear_error(&error);
    assert_text(KINDS("{\n \"u16\": 70000,\n \"u8\": 1\n}"), "error: -t:2:9: u16: 70000 exceeds the maximum 65535");
    assert_text(KINDS("{\n \"point\": {\n \"x\": 1 }\n}"), "error: -t:2:11: point: missing member 'y'");
    assert_text(KINDS("{\n \"u8\": 1,\n \"u8\": 1}"), "error: -t:3:2: repeated member 'u8'");
    assert_text(KINDS("{\n \"u9\": 1}"), "error: -t:2:2: unknown member 'u9'; did you mean 'u8'?");
}

VT_TEST(scalars_have_names_and_codecs, "/visit/scalars")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(fixture_type(f, "Kinds", "{\"count\":\"auto\"}"), "{\"count\":65535,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"count\":1024}"), "{\"count\":1024,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"count\":1025}"), "error: -t: count: 1025 exceeds the maximum 1024");
    assert_text(KINDS("{\"count\":0}"), "error: -t: count: 0 is below the minimum 1");
    assert_text(KINDS("{\"count\":\"7\"}"), "error: -t: count: expected one of auto, got '7'");
    assert_text(KINDS("{\"mac\":\"52-54-00-AB-0c-56\"}"),
                "{\"mac\":\"52:54:00:ab:0c:56\",\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"mac\":\"52:54\"}"),
                "error: -t: mac: expected a MAC address (such as 52:54:00:12:34:56), got '52:54'");
    assert_text(KINDS("{\"bytes\":\"2K\"}"), "{\"bytes\":2048,\"seven\":7,\"name\":\"none\"}");
}

#define SHAPE(text) fixture_type(f, "Shape", text)

VT_TEST(unions_take_their_tag_anywhere, "/visit/unions")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(SHAPE("{\"kind\":\"circle\",\"radius\":1}"), "{\"kind\":\"circle\",\"radius\":1}");
    assert_text(SHAPE("{\"radius\":1,\"kind\":\"circle\"}"), "{\"kind\":\"circle\",\"radius\":1}");
    assert_text(SHAPE("{\"radius\":1,\"label\":\"\\u0041]}\",\"id\":\"i\",\"kind\":\"circle\"}"),
                "{\"kind\":\"circle\",\"id\":\"i\",\"radius\":1,\"label\":\"A]}\"}");
    assert_text(SHAPE("{\"corners\" : [ {\"x\":1,\"y\":2} ] , \"kind\" : \"square\" , \"side\" : 3 }"),
                "{\"kind\":\"square\",\"side\":3,\"corners\":[{\"x\":1,\"y\":2}]}");
    assert_text(SHAPE("{\"kind\":\"empty\"}"), "{\"kind\":\"empty\"}");
    assert_text(SHAPE("{\"kind\":\"empty\",\"radius\":1}"), "error: -t: unknown member 'radius'");
    assert_text(SHAPE("{\"radius\":1,\"kind\":\"square\",\"side\":1}"), "error: -t: unknown member 'radius'");
    assert_text(SHAPE("{\"label\":1,\"radius\":1,\"kind\":\"circle\"}"), "error: -t: label: expected a string, got 1");
    assert_text(SHAPE("{\"label\":\"a\",\"label\":\"b\",\"radius\":1,\"kind\":\"circle\"}"),
                "error: -t: repeated member 'label'");
    assert_text(SHAPE("{\"radius\":1}"), "error: -t: missing member 'kind'");
    assert_text(SHAPE("{\"kind\":\"circle\"}"), "error: -t: missing member 'radius'");
    assert_text(SHAPE("{\"kind\":\"circle\",\"kind\":\"circle\",\"radius\":1}"), "error: -t: repeated member 'kind'");
    /* Skipped members are checked at the end. */
    assert_text(SHAPE("{\"radius\":1x,\"kind\":\"circle\"}"), "error: -t:1:11: radius: malformed number '1x'");
    assert_text(SHAPE("{\"corners\":[}],\"kind\":\"square\",\"side\":1}"),
                "error: -t:1:14: expected ',' or '}', got ']'");
    assert_text(SHAPE("{\"corners\":[{\"x\":1,\"y\":2]},\"kind\":\"square\",\"side\":1}"),
                "error: -t:1:25: corners[0]: expected ',' or '}', got ']'");
    assert_text(SHAPE("{\"label\":\"\xff\",\"kind\":\"circle\",\"radius\":1}"),
                "error: -t:1:11: label: malformed UTF-8");
    assert_text(SHAPE("{\"label\":\"a"), "error: -t:1:12: expected ',' or '}', got the end of the text");
}

VT_TEST(alternates_go_by_the_token, "/visit/alternates")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(fixture_type(f, "Kinds", "{\"either\":{\"side\":2,\"kind\":\"square\"}}"),
                "{\"either\":{\"kind\":\"square\",\"side\":2},\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"either\":null}"), "{\"either\":null,\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"either\":\"red\"}"), "{\"either\":\"red\",\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"switch\":\"red\"}"), "{\"switch\":\"red\",\"seven\":7,\"name\":\"none\"}");
    assert_text(KINDS("{\"switch\":\"redd\"}"), "error: -t: switch: expected one of red, green, blue, got 'redd'");
    assert_text(KINDS("{\"switch\":[1,500]}"), "error: -t: switch[1]: 500 exceeds the maximum 127");
    assert_text(KINDS("{\"switch\":true}"), "error: -t: switch: expected word, levels or none, got true");
    assert_text(KINDS("{\"either\":{\"kind\":\"square\"}}"), "error: -t: either: missing member 'side'");
}

VT_TEST(depth_is_limited, "/visit/depth")
{
    g_autoptr(Fixture) f = fixture_new();
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < 65; i++) {
        g_string_append(text, "{\"kinds\":");
    }
    g_string_append(text, "1");
    {
        g_autofree char *result = KINDS(text->str);

        g_assert_true(g_str_has_suffix(result, "nested deeper than …"));
    }
}

VT_TEST(trees_decode_like_text, "/visit/trees")
{
    g_autoptr(Fixture) f = fixture_new();
    uint16_t type = vt_schema_find_type(f->schema, "Kinds");
    static const char *const texts[][2] = {
        {"{\"u64\":18446744073709551615,\"i64\":-5,\"num\":2,\"flag\":true,\"nothing\":null,\"shape\":{\"radius\":1,"
         "\"kind\":"
         "\"circle\"},\"points\":[{\"x\":1,\"y\":2}],\"what\":[{}]}",
         "{\"i64\":-5,\"u64\":18446744073709551615,\"num\":2,\"points\":[{\"x\":1,\"y\":2}],\"shape\":{\"kind\":"
         "\"circle\","
         "\"radius\":1},\"what\":[{}],\"nothing\":null,\"seven\":7,\"name\":\"none\",\"flag\":true}"},
        {"{\"u8\":256}", "-t: u8: 256 exceeds the maximum 255"},
        {"{\"u8\":1.0}", "-t: u8: expected an integer, got 1.0"},
        {"{\"u8\":\"1\"}", "-t: u8: expected an integer, got a string '1'"},
        {"{\"points\":[{\"x\":1,\"y\":[]}]}", "-t: points[0].y: expected an integer, got a list"},
        {"{\"shape\":{\"kind\":\"circle\",\"side\":1}}", "-t: shape: unknown member 'side'"},
        {"{\"u9\":1}", "-t: unknown member; did you mean 'u8'?"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree void *data = g_malloc0(sizeof(VtKinds));
        json_object *tree = vt_json_parse(texts[i][0], strlen(texts[i][0]), "", NULL);
        g_autoptr(VtInput) input = vt_input_new_object(tree, "-t");
        GError *error = NULL;

        if (vt_input_visit_type(input, f->schema, f->ctx, type, data, &error)) {
            VtKinds *kinds = data;

            g_assert_cmpuint(i, ==, 0);
            g_assert_true(kinds->u64 == UINT64_MAX && kinds->i64 == -5 && kinds->num == 2 && kinds->flag);
            g_assert_cmpuint(kinds->points.n, ==, 1);
            g_assert_cmpint(kinds->shape.kind, ==, VT_SHAPE_KIND_CIRCLE);
            vt_struct_clear(f->schema, type, data);
        } else {
            g_assert_cmpstr(error->message, ==, texts[i][1]);
            g_error_free(error);
        }
        json_object_put(tree);
    }
}
