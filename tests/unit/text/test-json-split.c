/* SPDX-License-Identifier: MIT */
/* A stream of JSON values, cut into values, whatever pieces it arrives in. */
#include "fixture.h"

#include "vt-runtime/json-split.h"

#define LIMIT 96

/* "value" for each value, "(message)" for each error, one a line.  The stream comes @piece bytes at a time. */
static char *
split(const char *text, size_t len, size_t piece)
{
    g_autoptr(GString) results = g_string_new(NULL);
    VtJsonSplit self;

    vt_json_split_init(&self, LIMIT);
    for (size_t at = 0; at < len; at += piece) {
        const char *value, *message;
        size_t value_len;
        VtSplitResult result;

        vt_json_split_add(&self, text + at, MIN(piece, len - at));
        while ((result = vt_json_split_next(&self, &value, &value_len, &message)) != VT_SPLIT_MORE) {
            if (result == VT_SPLIT_VALUE) {
                g_string_append_printf(results, "%.*s\n", (int)value_len, value);
            } else {
                g_string_append_printf(results, "(%s)\n", message);
            }
        }
    }
    vt_json_split_clear(&self);
    return g_string_free(g_steal_pointer(&results), FALSE);
}

static void
expect(const char *text, const char *results)
{
    size_t len = strlen(text);

    for (size_t piece = 1; piece <= len; piece++) {
        assert_text(split(text, len, piece), results);
    }
}

VT_TEST(values_follow_one_another, "/json-split/values")
{
    expect("{}", "{}\n");
    expect("{\"a\": 1}{\"b\": [2]}\r\n [3] ", "{\"a\": 1}\n{\"b\": [2]}\n[3]\n");
    /* A string hides brackets; an escape hides a quote. */
    expect("{\"}\": \"]\\\"}\\\\\"}{}", "{\"}\": \"]\\\"}\\\\\"}\n{}\n");
    /* Whether it is JSON is for the scanner to say. */
    expect("{,]{}", "{,]\n{}\n");
    expect("{\"a\": 1", "");
    expect(" \r\n\t", "");
}

VT_TEST(what_is_no_value_is_one_error, "/json-split/outside")
{
    expect("abc\n{}", "(expected an object)\n{}\n");
    expect("1 2 \"x\"{}", "(expected an object)\n{}\n");
    expect("x\ny\n[]", "(expected an object)\n(expected an object)\n[]\n");
}

VT_TEST(broken_value_is_dropped_whole, "/json-split/inside")
{
    expect("{\"a\1\": {}, \"b\1\": 1}[]", "(a control character is in a string)\n[]\n");
    /* As QEMU does, the next bracket begins a value: the client may have given up there. */
    expect("{\1, {}}[]", "(a control character is outside of a string)\n{}\n(expected an object)\n[]\n");
    expect("{'a\\'}': 1}{'", "{'a\\'}': 1}\n");
    /* A client that gives up ends the line, or sends 0xFF. */
    expect("{\"a\n[]", "(a control character is in a string)\n[]\n");
    expect("{\"a\": \377[]", "(a control character is outside of a string)\n[]\n");
    expect("{\"a\377[]", "(a control character is in a string)\n[]\n");
}

VT_TEST(value_has_limits, "/json-split/limits")
{
    char deep[2 * VT_SPLIT_DEPTH_LIMIT + 5] = "", large[LIMIT + 8];

    memset(deep, '[', VT_SPLIT_DEPTH_LIMIT);
    memset(deep + VT_SPLIT_DEPTH_LIMIT, ']', VT_SPLIT_DEPTH_LIMIT);
    /* As deep as may be, but larger than LIMIT. */
    expect(deep, "(the value is too large)\n");
    memset(deep, '[', VT_SPLIT_DEPTH_LIMIT + 1);
    memset(deep + VT_SPLIT_DEPTH_LIMIT + 1, ']', VT_SPLIT_DEPTH_LIMIT + 1);
    strcpy(deep + 2 * VT_SPLIT_DEPTH_LIMIT + 2, "{}");
    expect(deep, "(the value is nested too deeply)\n{}\n");

    /* One byte more is too much. */
    for (size_t more = 0; more <= 1; more++) {
        g_autofree char *expected = NULL;

        memset(large, ' ', sizeof large);
        large[0] = '{';
        strcpy(large + LIMIT - 1 + more, "}[]");
        expected = more ? g_strdup("(the value is too large)\n[]\n") : g_strdup_printf("%.*s\n[]\n", LIMIT, large);
        expect(large, expected);
    }
}

VT_TEST(memory_is_given_back, "/json-split/memory")
{
    g_autofree char *text = g_strnfill(1 << 20, ' ');
    const char *value, *message;
    size_t len;
    VtJsonSplit self;

    vt_json_split_init(&self, 1 << 21);
    text[0] = '{';
    vt_json_split_add(&self, text, 1 << 20);
    g_assert_cmpint(vt_json_split_next(&self, &value, &len, &message), ==, VT_SPLIT_MORE);
    g_assert_cmpuint(self.size, >=, 1 << 20);
    vt_json_split_add(&self, "}", 1);
    g_assert_cmpint(vt_json_split_next(&self, &value, &len, &message), ==, VT_SPLIT_VALUE);
    g_assert_cmpuint(len, ==, (1 << 20) + 1);
    g_assert_cmpint(vt_json_split_next(&self, &value, &len, &message), ==, VT_SPLIT_MORE);
    g_assert_cmpuint(self.size, <, 1 << 17);
    vt_json_split_clear(&self);
}
