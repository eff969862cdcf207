/* SPDX-License-Identifier: MIT */
/*
 * Compares the readers of JSON text: the stream splitter, with one write and byte by byte; the walk over spans; the
 * scanner, whose result counts.
 */
#include "fuzz.h"

#include <string.h>

#include <json-c/json.h>

#include "text/json-scan.h"
#include "vt-runtime/json-split.h"
#include "vt-runtime/json-walk.h"
#include "vt-runtime/output.h"

#define LIMIT ((size_t)1 << 20) /* longer than any input */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

/* Splits a stream into pieces of @piece bytes: "v:VALUE" and "e:MESSAGE", one per line. */
static GPtrArray *
split(const char *text, size_t len, size_t piece)
{
    GPtrArray *results = g_ptr_array_new_with_free_func(g_free);
    VtJsonSplit self;

    vt_json_split_init(&self, LIMIT);
    for (size_t at = 0; at < len; at += piece) {
        const char *value, *message;
        size_t value_len;
        VtSplitResult result;

        vt_json_split_add(&self, text + at, MIN(piece, len - at));
        while ((result = vt_json_split_next(&self, &value, &value_len, &message)) != VT_SPLIT_MORE) {
            g_ptr_array_add(results, result == VT_SPLIT_VALUE ? g_strdup_printf("v:%.*s", (int)value_len, value)
                                                              : g_strdup_printf("e:%s", message));
        }
    }
    vt_json_split_clear(&self);
    return results;
}

static void
check_pieces(const GPtrArray *whole, const char *text, size_t len, size_t piece)
{
    g_autoptr(GPtrArray) results = split(text, len, piece);

    g_assert_cmpuint(results->len, ==, whole->len);
    for (guint i = 0; i < results->len; i++) {
        g_assert_cmpstr(g_ptr_array_index(results, i), ==, g_ptr_array_index(whole, i));
    }
}

static bool
is_composed(const json_object *tree)
{
    return json_object_is_type(tree, json_type_object) || json_object_is_type(tree, json_type_array);
}

static size_t
count_of(const json_object *tree)
{
    return json_object_is_type(tree, json_type_array) ? json_object_array_length(tree)
                                                      : (size_t)json_object_object_length(tree);
}

/* The walk must find the same members as the scanner. */
static void
check_walk(const char *text, size_t len, const json_object *tree)
{
    VtJsonWalk walk;
    VtSpan key, value;
    size_t count = 0;

    vt_json_walk_init(&walk, text, len);
    while (vt_json_walk_next(&walk, &key, &value)) {
        g_autoptr(GError) error = NULL;
        json_object *member = vt_json_parse(value.text, value.len, "member", &error);

        g_assert_no_error(error);
        if (is_composed(member)) {
            check_walk(value.text, value.len, member);
        }
        json_object_put(member);
        count++;
    }
    g_assert_true(vt_json_walk_at_end(&walk));
    g_assert_cmpuint(count, ==, count_of(tree));
}

static void
check_skip(const char *text, size_t len)
{
    VtScan scan;

    vt_scan_init(&scan, text, len);
    g_assert_true(vt_scan_skip(&scan) && vt_scan_end(&scan));
    g_clear_pointer(&scan.message, g_free);
}

/* A value that the scanner accepts is one value of a stream, byte by byte. */
static void
check_value(const char *text, size_t len, const GPtrArray *results)
{
    g_autoptr(GError) error = NULL;
    json_object *tree = vt_json_parse(text, len, "text", &error);

    if (error) {
        VtJsonWalk walk;
        VtSpan key, value;

        vt_json_walk_init(&walk, text, len);
        while (vt_json_walk_next(&walk, &key, &value)) {
            g_assert_true(value.text >= text && value.text + value.len <= text + len && value.len);
        }
        return;
    }
    check_skip(text, len);
    if (is_composed(tree)) {
        g_autofree char *copy = g_strdup_printf("v:%.*s", (int)len, text);

        /* Blanks around a value belong to the stream. */
        memmove(copy + 2, g_strstrip(copy + 2), strlen(g_strstrip(copy + 2)) + 1);
        g_assert_cmpuint(results->len, ==, 1);
        g_assert_cmpstr(g_ptr_array_index(results, 0), ==, copy);
        check_walk(text, len, tree);
    }
    json_object_put(tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    g_autoptr(GPtrArray) whole = split(text, len, MAX(len, 1));

    check_pieces(whole, text, len, 1);
    check_pieces(whole, text, len, 3);
    check_value(text, len, whole);
    return 0;
}
