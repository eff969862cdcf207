/* SPDX-License-Identifier: MIT */
/*
 * Trees to JSON text.
 *
 * json-c has such functions, but keeps the text in the tree and frees it without a wipe.
 */
#include <inttypes.h>
#include <string.h>

#include "vt-runtime/json.h"
#include "vt-runtime/wipe.h"

#define INDENT 2 /* columns of an indentation */

typedef struct Writer {
    GString *text;
    bool pretty;
} Writer;

static void
append(const Writer *writer, const char *piece, size_t len)
{
    vt_wipe_reserve(writer->text, len);
    g_string_append_len(writer->text, piece, (gssize)len);
}

static void
append_escaped(const Writer *writer, unsigned char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    char piece[8];

    for (const char *name = named; *name; name += 2) {
        if ((unsigned char)*name == c) {
            append(writer, (const char[]){'\\', name[1]}, 2);
            return;
        }
    }
    g_snprintf(piece, sizeof piece, "\\u%04x", c);
    append(writer, piece, strlen(piece));
}

static void
append_string(const Writer *writer, const char *string, size_t len)
{
    size_t from = 0;

    append(writer, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)string[i];

        if (c < ' ' || c == '"' || c == '\\') {
            append(writer, string + from, i - from);
            append_escaped(writer, c);
            from = i + 1;
        }
    }
    append(writer, string + from, len - from);
    append(writer, "\"", 1);
}

static void
write_line_end(const Writer *writer, unsigned depth)
{
    if (writer->pretty) {
        append(writer, "\n", 1);
        for (unsigned i = 0; i < depth * INDENT; i++) {
            append(writer, " ", 1);
        }
    }
}

static void append_value(const Writer *writer, json_object *value, unsigned depth);

static void
append_object(const Writer *writer, json_object *object, unsigned depth)
{
    bool first = true;

    append(writer, "{", 1);
    json_object_object_foreach (object, key, member) {
        append(writer, ",", !first);
        write_line_end(writer, depth + 1);
        append_string(writer, key, strlen(key));
        append(writer, ": ", writer->pretty ? 2 : 1);
        append_value(writer, member, depth + 1);
        first = false;
    }
    if (!first) {
        write_line_end(writer, depth);
    }
    append(writer, "}", 1);
}

static void
append_array(const Writer *writer, json_object *array, unsigned depth)
{
    size_t n = json_object_array_length(array);

    append(writer, "[", 1);
    for (size_t i = 0; i < n; i++) {
        append(writer, ",", i > 0);
        write_line_end(writer, depth + 1);
        append_value(writer, json_object_array_get_idx(array, i), depth + 1);
    }
    if (n) {
        write_line_end(writer, depth);
    }
    append(writer, "]", 1);
}

static void
append_integer(const Writer *writer, json_object *value)
{
    int64_t number = json_object_get_int64(value);
    char piece[24];

    if (number < 0) {
        g_snprintf(piece, sizeof piece, "%" PRId64, number);
    } else {
        g_snprintf(piece, sizeof piece, "%" PRIu64, json_object_get_uint64(value));
    }
    append(writer, piece, strlen(piece));
}

static void
append_value(const Writer *writer, json_object *value, unsigned depth)
{
    const char *word;

    switch (json_object_get_type(value)) {
    case json_type_object:
        append_object(writer, value, depth);
        return;
    case json_type_array:
        append_array(writer, value, depth);
        return;
    case json_type_string:
        append_string(writer, json_object_get_string(value), (size_t)json_object_get_string_len(value));
        return;
    case json_type_int:
        append_integer(writer, value);
        return;
    case json_type_boolean:
        word = json_object_get_boolean(value) ? "true" : "false";
        break;
    case json_type_double:
        /* json-c has the text that the number was read from. */
        word = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
        break;
    default:
        word = "null";
    }
    append(writer, word, strlen(word));
}

void
vt_json_append(GString *text, json_object *value)
{
    append_value(&(Writer){.text = text}, value, 0);
}

char *
vt_json_text(json_object *value)
{
    GString *text = g_string_new(NULL);

    vt_json_append(text, value);
    return g_string_free(text, FALSE);
}

char *
vt_json_line(json_object *value)
{
    GString *text = g_string_new(NULL);

    vt_json_append(text, value);
    append(&(Writer){.text = text}, "\n", 1);
    return g_string_free(text, FALSE);
}

char *
vt_json_pretty(json_object *value)
{
    const Writer writer = {.text = g_string_new(NULL), .pretty = true};

    append_value(&writer, value, 0);
    append(&writer, "\n", 1);
    return g_string_free(writer.text, FALSE);
}
