/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define KINDS(text) fixture_type(f, "Kinds", text)
#define TAIL        ",\"seven\":7,\"name\":\"none\"}"

static char *
tree(const char *text, const char *implied_key)
{
    GError *error = NULL;
    g_autoptr(VtInput) input = vt_input_new_option(text, implied_key, "-t", &error);
    json_object *value;
    char *line;

    if (!input) {
        line = g_strdup(error->message);
        g_error_free(error);
        return line;
    }
    value = vt_input_to_object(input, &error);
    if (error) {
        line = g_strdup(error->message);
        g_error_free(error);
        return line;
    }
    line = g_strdup(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
    json_object_put(value);
    return line;
}

VT_TEST(keyval_syntax_is_qemus, "/keyval/syntax")
{
    assert_text(tree("", NULL), "{}");
    assert_text(tree("a=1", NULL), "{\"a\":\"1\"}");
    assert_text(tree("a=1,", NULL), "{\"a\":\"1\"}");
    assert_text(tree("a=", NULL), "{\"a\":\"\"}");
    assert_text(tree("a=,b=2", NULL), "{\"a\":\"\",\"b\":\"2\"}");
    assert_text(tree("a=x,,y,,,,z,b=,,", NULL), "{\"a\":\"x,y,,z\",\"b\":\",\"}");
    assert_text(tree("a=b=c", NULL), "{\"a\":\"b=c\"}");
    assert_text(tree("a=1,a=2", NULL), "{\"a\":\"2\"}");
    assert_text(tree("a.b=1,a.c.d=2", NULL), "{\"a\":{\"b\":\"1\",\"c\":{\"d\":\"2\"}}}");
    assert_text(tree("a.1=y,a.0=x", NULL), "{\"a\":[\"x\",\"y\"]}");
    assert_text(tree("a[0]=x,a[1].b=y", NULL), "{\"a\":[\"x\",{\"b\":\"y\"}]}");
    assert_text(tree("a.10=k,a.0=a,a.1=b,a.2=c,a.3=d,a.4=e,a.5=f,a.6=g,a.7=h,a.8=i,a.9=j", NULL),
                "{\"a\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\"]}");
    assert_text(tree("a-b=1,a.c=2,a+=3", NULL), "{\"a\":{\"c\":\"2\"},\"a+\":\"3\",\"a-b\":\"1\"}");
}

VT_TEST(keyval_implied_key, "/keyval/implied-key")
{
    assert_text(tree("x", "k"), "{\"k\":\"x\"}");
    assert_text(tree("x,a=1", "k"), "{\"a\":\"1\",\"k\":\"x\"}");
    assert_text(tree("x,,y", "k"), "{\"k\":\"x,y\"}");
    assert_text(tree("a=x", "k"), "{\"a\":\"x\"}");
    assert_text(tree("a=1,x", "k"), "-t: expected '=' after 'x'");
    assert_text(tree("x", NULL), "-t: expected '=' after 'x'");
    assert_text(tree(",a=1", "k"), "-t: expected a name before ','");
}

VT_TEST(keyval_names_are_checked, "/keyval/names")
{
    g_autoptr(GString) text = g_string_new(NULL);

    assert_text(tree("=1", NULL), "-t: malformed name ''");
    assert_text(tree(",,=1", NULL), "-t: expected a name before ','");
    assert_text(tree("a b=1", NULL), "-t: malformed name 'a b'");
    assert_text(tree("a.=1", NULL), "-t: malformed name 'a.'");
    assert_text(tree(".a=1", NULL), "-t: malformed name '.a'");
    assert_text(tree("a..b=1", NULL), "-t: malformed name 'a..b'");
    assert_text(tree("a[]=1", NULL), "-t: malformed name 'a[]'");
    assert_text(tree("a[x]=1", NULL), "-t: malformed name 'a[x]'");
    assert_text(tree("a[0=1", NULL), "-t: malformed name 'a[0'");
    assert_text(tree("a[0]b=1", NULL), "-t: malformed name 'a[0]b'");
    assert_text(tree("[0]=1", NULL), "-t: malformed name '[0]'");
    assert_text(tree("a=\xff", NULL), "{\"a\":\"\xff\"}");
    assert_text(tree("\xff=a", NULL), "-t: malformed name '\xff'");
    for (int i = 0; i < 127; i++) {
        g_string_append_c(text, 'a');
    }
    g_string_append(text, "=1");
    {
        g_autofree char *fits = tree(text->str, NULL);
        g_autofree char *longer = tree(g_string_prepend_c(text, 'a')->str, NULL);

        g_assert_true(g_str_has_prefix(fits, "{\"aaa"));
        g_assert_true(g_str_has_prefix(longer, "-t: malformed name 'aaa"));
    }
}

VT_TEST(keyval_conflicts, "/keyval/conflicts")
{
    assert_text(tree("a=1,a.b=2", NULL), "-t: a: has both a value and members ('a.b')");
    assert_text(tree("a.b=1,a.b.c=2", NULL), "-t: a.b: has both a value and members ('a.b.c')");
    assert_text(tree("a.0=x,a.2=y", NULL), "-t: a: expected element 1 of a list, got '2'");
    assert_text(tree("a.00=x", NULL), "-t: a: expected element 0 of a list, got '00'");
    assert_text(tree("a.0=x,a.b=y", NULL), "{\"a\":{\"0\":\"x\",\"b\":\"y\"}}");
}

VT_TEST(keyval_values_are_typed, "/keyval/values")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("flag=on"), "{\"flag\":true" TAIL);
    assert_text(KINDS("flag=y"), "{\"flag\":true" TAIL);
    assert_text(KINDS("flag=false"), "{\"flag\":false" TAIL);
    assert_text(KINDS("flag=ON"), "error: -t: flag: expected on or off, got 'ON'");
    assert_text(KINDS("u8=0xff"), "{\"u8\":255" TAIL);
    assert_text(KINDS("u8=0x100"), "error: -t: u8: 0x100 exceeds the maximum 255");
    assert_text(KINDS("u8=010"), "error: -t: u8: expected an integer, got '010'");
    assert_text(KINDS("u8=1k"), "error: -t: u8: expected an integer, got '1k'");
    assert_text(KINDS("u8="), "error: -t: u8: expected an integer, got ''");
    assert_text(KINDS("u8= 1"), "error: -t: u8: expected an integer, got ' 1'");
    assert_text(KINDS("u8=256"), "error: -t: u8: 256 exceeds the maximum 255");
    assert_text(KINDS("i64=-9223372036854775808"), "{\"i64\":-9223372036854775808" TAIL);
    assert_text(KINDS("u64=18446744073709551616"),
                "error: -t: u64: 18446744073709551616 exceeds the maximum 18446744073709551615");
    assert_text(KINDS("num=1e3"), "{\"num\":1000" TAIL);
    assert_text(KINDS("num=inf"), "error: -t: num: expected a number, got 'inf'");
    assert_text(KINDS("colour=blue"), "{\"colour\":\"blue\"" TAIL);
    assert_text(KINDS("count=auto"), "{\"count\":65535" TAIL);
    assert_text(KINDS("count=5"), "{\"count\":5" TAIL);
    assert_text(KINDS("count=65535"), "{\"count\":65535" TAIL);
    assert_text(KINDS("count=2000"), "error: -t: count: 2000 exceeds the maximum 1024");
    assert_text(KINDS("bytes=3M"), "{\"bytes\":3145728" TAIL);
    assert_text(KINDS("nothing="), "{\"nothing\":null" TAIL);
    assert_text(KINDS("what=x"), "{\"what\":\"x\"" TAIL);
    assert_text(KINDS("what.a=x,what.b.0=y"), "{\"what\":{\"a\":\"x\",\"b\":[\"y\"]}" TAIL);
    assert_text(KINDS("switch=green"), "{\"switch\":\"green\"" TAIL);
    assert_text(KINDS("switch="), "{\"switch\":null" TAIL);
    assert_text(KINDS("either=green"), "{\"either\":\"green\"" TAIL);
    assert_text(KINDS("either.kind=circle,either.radius=2"), "{\"either\":{\"kind\":\"circle\",\"radius\":2}" TAIL);
}

VT_TEST(keyval_sizes, "/keyval/sizes")
{
    g_autoptr(Fixture) f = fixture_new();
    static const char *const cases[][2] = {
        {"size=4096", "4096"},
        {"size=4k", "4096"},
        {"size=4K", "4096"},
        {"size=1M", "1048576"},
        {"size=1.5G", "1610612736"},
        {"size=0.5k", "512"},
        {"size=512B", "512"},
        {"size=0x1000", "4096"},
        {"size=15E", "17293822569102704640"},
        {"size=1T", "1099511627776"},
        {"size=1P", "1125899906842624"},
        {"size=0", "0"},
    };
    static const char *const bad[] = {"size=",   "size=k",   "size=4kk",  "size=4kB",  "size=1.", "size=.5k",
                                      "size=-1", "size=1.5", "size=1.5B", "size=0x1k", "size= 1", "size=1e3"};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *expected = g_strdup_printf("{\"size\":%s" TAIL, cases[i][1]);

        assert_text(KINDS(cases[i][0]), expected);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *expected =
            g_strdup_printf("error: -t: size: expected a size (such as 4096, 64k, 1.5G), got '%s'", bad[i] + 5);

        assert_text(KINDS(bad[i]), expected);
    }
    assert_text(KINDS("size=16E"), "error: -t: size: 16E exceeds the maximum 18446744073709551615");
}

VT_TEST(keyval_nests_and_lists, "/keyval/nesting")
{
    g_autoptr(Fixture) f = fixture_new();

    assert_text(KINDS("point.x=1,point.y=2"), "{\"point\":{\"x\":1,\"y\":2}" TAIL);
    assert_text(KINDS("point.x=1"), "error: -t: point: missing member 'y'");
    assert_text(KINDS("point=1"), "error: -t: point: expected an object, got '1'");
    assert_text(KINDS("text.a=1"), "error: -t: text: expected a string, got members");
    assert_text(KINDS("texts=a"), "{\"texts\":[\"a\"]" TAIL);
    assert_text(KINDS("texts=a,texts=b"), "{\"texts\":[\"a\",\"b\"]" TAIL);
    assert_text(KINDS("texts.1=b,texts.0=a"), "{\"texts\":[\"a\",\"b\"]" TAIL);
    assert_text(KINDS("texts.0=a,texts.2=b"), "error: -t: texts: expected element 1 of a list, got '2'");
    assert_text(KINDS("points.0.x=1,points.0.y=2,points[1].x=3,points[1].y=4"),
                "{\"points\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]" TAIL);
    assert_text(KINDS("points.0.x=1,points.0.z=2"), "error: -t: points[0]: unknown member 'z'");
    assert_text(KINDS("len-texts=2,texts[0]=a,texts[1]=b"), "{\"texts\":[\"a\",\"b\"]" TAIL);
    assert_text(KINDS("len-texts=1,texts[0]=a,texts[1]=b"), "error: -t: len-texts is 1, but the list has 2 elements");
    assert_text(KINDS("len-points=1,points[0].x=1,points[0].y=2"), "{\"points\":[{\"x\":1,\"y\":2}]" TAIL);
    assert_text(KINDS("len-texts=0"), "{\"texts\":[]" TAIL);
    assert_text(KINDS("len-texts=x"), "error: -t: len-…: expected a count, got '…'");
    assert_text(KINDS("len-zzz=1"), "error: -t: unknown member 'len-zzz'");
    assert_text(KINDS("u8=1,zzz=2"), "error: -t: unknown member 'zzz'");
    assert_text(KINDS("yyy=1,zzz=2"), "error: -t: unknown member 'yyy'");
    assert_text(KINDS("zzz=1,yyy=2"),
                "error: -t: unknown member; its name is not shown because it may be part of a secret");
    assert_text(KINDS("u8=1,u8=2"), "error: -t: u8: given 2 times; expected one value");
    assert_text(KINDS("shape.radius=1,shape.kind=circle"), "{\"shape\":{\"kind\":\"circle\",\"radius\":1}" TAIL);
    assert_text(KINDS("shape.radius=1"), "error: -t: shape: missing member 'kind'");
    assert_text(KINDS("shapes.0.kind=nested,shapes.0.circle.radius=4"),
                "{\"shapes\":[{\"kind\":\"nested\",\"circle\":{\"radius\":4}}]" TAIL);
    assert_text(KINDS("nane=1"), "error: -t: unknown member 'nane'; did you mean 'name'?");
}
