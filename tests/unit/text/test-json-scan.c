/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#define PARSE(text) fixture_parse(text, sizeof(text) - 1)

VT_TEST(json_values_come_through, "/json-scan/values")
{
    assert_text(PARSE("{}"), "{}");
    assert_text(PARSE(" \t\r\n[ ] "), "[]");
    assert_text(PARSE("[1,-2,0,-0,1.5,1e3,-0.25E-2,true,false,null,\"x\",{\"a\":[]}]"),
                "[1,-2,0,0,1.5,1e3,-0.25E-2,true,false,null,\"x\",{\"a\":[]}]");
    assert_text(PARSE("null"), "null");
    assert_text(PARSE("\"\""), "\"\"");
    assert_text(PARSE("18446744073709551615"), "18446744073709551615");
    assert_text(PARSE("-9223372036854775808"), "-9223372036854775808");
}

VT_TEST(json_text_is_one_value, "/json-scan/one-value")
{
    assert_text(PARSE(""), "error: 1:1: expected a value, got the end of the text");
    assert_text(PARSE("  "), "error: 1:3: expected a value, got the end of the text");
    assert_text(PARSE("{} x"), "error: 1:4: expected the end of the text, got 'x'");
    assert_text(PARSE("1 2"), "error: 1:3: expected the end of the text, got '2'");
    assert_text(PARSE("[1]]"), "error: 1:4: expected the end of the text, got ']'");
    assert_text(PARSE("1\0"), "error: 1:1: malformed number '1'");
    assert_text(PARSE("[1]\0"), "error: 1:4: expected the end of the text, got the control character 0x00");
}

VT_TEST(json_structure_is_strict, "/json-scan/structure")
{
    assert_text(PARSE("{"), "error: 1:2: expected a member's name or '}', got the end of the text");
    assert_text(PARSE("{]"), "error: 1:2: expected a member's name or '}', got ']'");
    assert_text(PARSE("{\"a\":1,}"), "error: 1:8: expected a member's name, got '}'");
    assert_text(PARSE("{\"a\":1 \"b\":2}"), "error: 1:8: expected ',' or '}', got '\"'");
    assert_text(PARSE("{\"a\" 1}"), "error: 1:6: expected ':', got '1'");
    assert_text(PARSE("{\"a\":}"), "error: 1:6: expected a value, got '}'");
    assert_text(PARSE("{'a':1}"), "error: 1:2: expected a member's name or '}', got '''");
    assert_text(PARSE("{a:1}"), "error: 1:2: expected a member's name or '}', got 'a'");
    assert_text(PARSE("[1,]"), "error: 1:4: expected a value, got ']'");
    assert_text(PARSE("[1, ]"), "error: 1:5: expected a value, got ']'");
    assert_text(PARSE("[1 2]"), "error: 1:4: expected ',' or ']', got '2'");
    assert_text(PARSE("[,1]"), "error: 1:2: expected a value, got ','");
    assert_text(PARSE("[1}"), "error: 1:3: expected ',' or ']', got '}'");
    assert_text(PARSE("tru"), "error: 1:1: expected a value, got 'tru'");
    assert_text(PARSE("truex"), "error: 1:1: expected a value, got 'truex'");
    assert_text(PARSE("nul"), "error: 1:1: expected a value, got 'nul'");
    assert_text(PARSE("NaN"), "error: 1:1: expected a value, got 'NaN'");
    assert_text(PARSE("// x"), "error: 1:1: expected a value, got '/'");
    assert_text(PARSE("[\xc3\xa9]"), "error: 1:2: expected a value, got '\xc3\xa9'");
    assert_text(PARSE("[\x01]"), "error: 1:2: expected a value, got the control character 0x01");
}

VT_TEST(json_numbers_are_strict, "/json-scan/numbers")
{
    assert_text(PARSE("01"), "error: 1:1: malformed number '01'");
    assert_text(PARSE("-"), "error: 1:1: malformed number '-'");
    assert_text(PARSE("-x"), "error: 1:1: malformed number '-x'");
    assert_text(PARSE("1."), "error: 1:1: malformed number '1.'");
    assert_text(PARSE(".5"), "error: 1:1: expected a value, got '.'");
    assert_text(PARSE("1e"), "error: 1:1: malformed number '1e'");
    assert_text(PARSE("1e+"), "error: 1:1: malformed number '1e+'");
    assert_text(PARSE("0x10"), "error: 1:1: malformed number '0x10'");
    assert_text(PARSE("+1"), "error: 1:1: expected a value, got '+'");
    assert_text(PARSE("1e999"), "error: 1e999 is too large for a number");
    assert_text(PARSE("18446744073709551616"), "error: 18446744073709551616 does not fit 64 bits");
    assert_text(PARSE("-9223372036854775809"), "error: -9223372036854775809 does not fit 64 bits");
}

VT_TEST(json_strings_are_utf8, "/json-scan/utf8")
{
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc3",
        "\xc3(",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xe2(\xa1",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
    };
    static const char *const good[] = {"\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",     "\xee\x80\x80",     "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\x7f"};

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("\"ab%s\"", bad[i]);
        g_autofree char *cut = g_strdup_printf("\"ab%s", bad[i]);

        assert_text(fixture_parse(text, strlen(text)), "error: 1:4: malformed UTF-8");
        assert_text(fixture_parse(cut, strlen(cut)), "error: 1:4: malformed UTF-8");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strdup_printf("\"%s\"", good[i]);

        assert_text(fixture_parse(text, strlen(text)), text);
    }
}

VT_TEST(json_escapes, "/json-scan/escapes")
{
    assert_text(PARSE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
    assert_text(PARSE("\"a\\u00e9b\\u20AC\""), "\"a\xc3\xa9"
                                               "b\xe2\x82\xac\"");
    assert_text(PARSE("\"\\ud83d\\ude00\""), "\"\xf0\x9f\x98\x80\"");
    assert_text(PARSE("\"\\u0000\""), "error: 1:2: \\u0000 is not allowed in a string");
    assert_text(PARSE("\"\\ud83d\""), "error: 1:2: unpaired surrogate '\\ud83d'");
    assert_text(PARSE("\"\\ud83d\\u0041\""), "error: 1:2: unpaired surrogate '\\ud83d'");
    assert_text(PARSE("\"\\ude00\\ud83d\""), "error: 1:2: unpaired surrogate '\\ude00'");
    assert_text(PARSE("\"\\u12g4\""), "error: 1:2: malformed \\u escape");
    assert_text(PARSE("\"\\u12"), "error: 1:2: malformed \\u escape");
    assert_text(PARSE("\"\\x41\""), "error: 1:2: unknown escape in a string");
    assert_text(PARSE("\"\\\0\""), "error: 1:2: unknown escape in a string");
    assert_text(PARSE("\"\\"), "error: 1:2: unterminated string");
    assert_text(PARSE("\"abc"), "error: 1:1: unterminated string");
    assert_text(PARSE("\""), "error: 1:1: unterminated string");
    assert_text(PARSE("\"a\nb\""), "error: 1:3: control character 0x0a in a string");
    assert_text(PARSE("\"a\0b\""), "error: 1:3: control character 0x00 in a string");
}

VT_TEST(json_keys_are_unique, "/json-scan/repeated-key")
{
    assert_text(PARSE("{\"a\":1,\"a\":2}"), "error: 1:8: repeated member 'a'");
    assert_text(PARSE("{\"a\":1,\"\\u0061\":2}"), "error: 1:8: repeated member 'a'");
    assert_text(PARSE("{\"a\":{\"a\":1},\"b\":{\"a\":2}}"), "{\"a\":{\"a\":1},\"b\":{\"a\":2}}");
}

VT_TEST(json_has_limits, "/json-scan/limits")
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (int i = 0; i < 64; i++) {
        g_string_append_c(text, '[');
    }
    for (int i = 0; i < 64; i++) {
        g_string_append_c(text, ']');
    }
    assert_text(fixture_parse(text->str, text->len), text->str);
    g_string_prepend_c(text, '[');
    g_string_append_c(text, ']');
    assert_text(fixture_parse(text->str, text->len), "error: 1:65: nested deeper than 64");

    g_string_assign(text, "{\"");
    for (int i = 0; i < 4097; i++) {
        g_string_append_c(text, 'k');
    }
    g_string_append(text, "\":1}");
    assert_text(fixture_parse(text->str, text->len), "error: a member's name is longer than 4096 bytes");

    g_string_set_size(text, (64 << 20) + 1);
    memset(text->str, ' ', text->len);
    assert_text(fixture_parse(text->str, text->len), "error: exceeds the maximum of 64 MiB");
}

VT_TEST(json_positions_count_characters, "/json-scan/positions")
{
    g_autoptr(GError) error = NULL;
    const char text[] = "{\n  \"\xc3\xa9\xc3\xa9\": [1,\n \"\xe2\x82\xac\", x]}";

    g_assert_null(vt_json_parse(text, strlen(text), "f.json", &error));
    g_assert_cmpstr(error->message, ==, "f.json:3:7: expected a value, got 'x'");
}
