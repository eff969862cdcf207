/* SPDX-License-Identifier: MIT */
/* The members of a value, found without decoding them; and text with a line for each. */
#include "fixture.h"

#include "text/json-indent.h"
#include "vt-runtime/json-walk.h"

/* "key=value;" for each member; then "end", "more" where something follows, or "failed". */
static char *
walk(const char *text)
{
    g_autoptr(GString) result = g_string_new(NULL);
    /* Ends where the text does, so that reading on is noticed. */
    g_autofree char *copy = g_memdup2(text, MAX(strlen(text), 1));
    VtJsonWalk self;
    VtSpan key, value;

    vt_json_walk_init(&self, copy, strlen(text));
    while (vt_json_walk_next(&self, &key, &value)) {
        g_string_append_printf(result, "%.*s=%.*s;", (int)key.len, key.text, (int)value.len, value.text);
    }
    g_assert_false(vt_json_walk_next(&self, &key, &value));
    g_string_append(result, vt_json_walk_at_end(&self) ? "end" : self.failed ? "failed" : "more");
    return g_string_free(g_steal_pointer(&result), FALSE);
}

static char *
indent(const char *json)
{
    GString *text = g_string_new("> ");

    vt_json_indent(text, json);
    return g_string_free(text, FALSE);
}

VT_TEST(walk_finds_members, "/json-walk/members")
{
    assert_text(walk("{}"), "end");
    assert_text(walk(" [ ] "), "end");
    assert_text(walk("{\"a\":1,\"b\": {\"c\": [2, 3]} , \"\":null}"), "a=1;b={\"c\": [2, 3]};=null;end");
    assert_text(walk("[1,\"x,]\",[],{}]"), "=1;=\"x,]\";=[];={};end");
    /* Keys and values keep their escapes. */
    assert_text(walk("{\"a\\\"}\":\"\\\\\"}"), "a\\\"}=\"\\\\\";end");
    assert_text(walk("{} {}"), "more");
}

VT_TEST(walk_does_not_judge_values, "/json-walk/values")
{
    assert_text(walk("[tru, 01, {,}]"), "=tru;=01;={,};end");
}

VT_TEST(walk_ends_at_what_it_cannot_read, "/json-walk/failed")
{
    static const char *const texts[] = {"",      " ",    "1",     "\"a\"",      "[",       "{",
                                        "[1",    "[1,",  "[,1]",  "[1 2]",      "{\"a\"}", "{\"a\":}",
                                        "{a:1}", "{\"a", "[\"a]", "{\"a\":[1}", "[1,]",    "{\"a\":1,}"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *result = walk(texts[i]);

        if (!g_str_has_suffix(result, "failed")) {
            g_error("'%s': %s", texts[i], result);
        }
    }
}

/* A value that is cut anywhere, which a buffer of its size would notice if it was read on. */
VT_TEST(walk_stays_within_the_text, "/json-walk/cut")
{
    static const char text[] = "{\"a\\\"\": [{\"b\": \"\\\\\"}, 1], \"c\": -2e3}";

    for (size_t len = 0; len < sizeof text - 1; len++) {
        g_autofree char *cut = g_strndup(text, len);
        g_autofree char *result = walk(cut);

        g_assert_true(g_str_has_suffix(result, "failed"));
    }
}

VT_TEST(indented_text_has_a_line_for_each_member, "/json-indent")
{
    assert_text(indent("{}"), "> {}");
    assert_text(indent("[[], {}]"), "> [\n    [],\n    {}\n]");
    assert_text(indent("{\"a\": 1,\"b\":[\"x, {}\\\"\",2]}\r\n"),
                "> {\n    \"a\": 1,\n    \"b\": [\n        \"x, {}\\\"\",\n        2\n    ]\n}\r\n");
}
