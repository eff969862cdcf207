/* SPDX-License-Identifier: MIT */
/*
 * Trees: JSON text to json-c objects with our scanner.
 */
#include <json-c/json.h>

#include "text/cursor.h"
#include "text/room.h"
#include "vt-runtime/json.h"

/* What json-c allocates, about: "{}" takes 400 times the memory of its text. */
#define OBJECT_WEIGHT 1000
#define MEMBER_WEIGHT 160
#define LIST_WEIGHT   500
#define OTHER_WEIGHT  100
#define WEIGHT_MAX    ((size_t)1 << 30)
#define WEIGHT_STEP   ((size_t)1 << 20)

static bool
weigh(VtScan *scan, size_t bytes)
{
    size_t before = scan->weight / WEIGHT_STEP;

    scan->weight += bytes;
    if (scan->weight > WEIGHT_MAX) {
        return vt_scan_fail_plain(scan, "the values take more than %zu MiB of memory", WEIGHT_MAX >> 20);
    }
    /* A table or list that grows is copied, so there must be room for all of it again. */
    return scan->weight / WEIGHT_STEP == before || vt_room_has(scan->weight) ||
           vt_scan_fail_plain(scan, "the host cannot allocate memory for more than %zu MiB of values",
                              before * WEIGHT_STEP >> 20);
}

static json_object *
number_tree(VtScan *scan)
{
    VtInteger integer;
    const char *end;
    double value;

    if (vt_scan_integer(scan, &integer)) {
        if (integer.overflow || (integer.negative && integer.magnitude > (uint64_t)INT64_MAX + 1)) {
            vt_scan_fail(scan, NULL, "%.*s does not fit 64 bits", (int)MIN(scan->p - scan->at, 40), scan->at);
            return NULL;
        }
        if (integer.negative) {
            return json_object_new_int64((int64_t)-integer.magnitude);
        }
        return integer.magnitude > INT64_MAX ? json_object_new_uint64(integer.magnitude)
                                             : json_object_new_int64((int64_t)integer.magnitude);
    }
    end = scan->p;
    if (!vt_scan_double(scan, &value)) {
        return NULL;
    }
    {
        /* Keep the text of the number: a round trip must not turn 0.1 into 0.10000000000000001. */
        g_autofree char *text = g_strndup(end, (size_t)(scan->p - end));

        return json_object_new_double_s(value, text);
    }
}

static bool
add_member(VtScan *scan, json_object *object)
{
    VtText key;
    const char *at = scan->p;
    g_autofree char *name = NULL;
    json_object *value;

    scan->at = at;
    if (!vt_scan_string(scan, &key)) {
        return false;
    }
    name = vt_text_take(&key);
    if (key.len > VT_SCAN_KEY) {
        return vt_scan_fail(scan, at, "a member's name is longer than %d bytes", VT_SCAN_KEY);
    }
    if (json_object_object_get_ex(object, name, NULL)) {
        return vt_scan_fail_syntax(scan, at, "repeated member '%s'", name);
    }
    if (!vt_scan_colon(scan)) {
        return false;
    }
    value = weigh(scan, MEMBER_WEIGHT + 2 * key.len) ? vt_scan_tree(scan) : NULL;
    if (scan->message) {
        json_object_put(value);
        return false;
    }
    json_object_object_add(object, name, value);
    return true;
}

static json_object *
container_tree(VtScan *scan, bool list)
{
    json_object *tree = NULL;
    VtMore more = VT_MORE_ERROR;
    bool first = true;

    if (weigh(scan, list ? LIST_WEIGHT : OBJECT_WEIGHT) && vt_scan_open(scan)) {
        tree = list ? json_object_new_array() : json_object_new_object();
        while ((more = vt_scan_more(scan, first, list ? ']' : '}')) == VT_MORE_YES) {
            first = false;
            if (list) {
                json_object *element = vt_scan_tree(scan);

                if (!scan->message) {
                    json_object_array_add(tree, element);
                }
            } else {
                add_member(scan, tree);
            }
            if (scan->message) {
                break;
            }
        }
    }
    if (more != VT_MORE_END) {
        json_object_put(tree);
        return NULL;
    }
    return tree;
}

json_object *
vt_scan_tree(VtScan *scan)
{
    VtText text;
    bool value;
    VtToken token = vt_scan_token(scan);

    if (token != VT_TOKEN_OBJECT && token != VT_TOKEN_LIST && !weigh(scan, OTHER_WEIGHT)) {
        return NULL;
    }
    switch (token) {
    case VT_TOKEN_OBJECT:
        return container_tree(scan, false);
    case VT_TOKEN_LIST:
        return container_tree(scan, true);
    case VT_TOKEN_STRING:
        if (vt_scan_string(scan, &text)) {
            json_object *string = vt_wipe_json_string(text.s, text.len);

            vt_text_clear(&text);
            return string;
        }
        return NULL;
    case VT_TOKEN_NUMBER:
        return number_tree(scan);
    case VT_TOKEN_BOOL:
        value = *scan->p == 't';
        return vt_scan_word(scan, value ? "true" : "false") ? json_object_new_boolean(value) : NULL;
    case VT_TOKEN_NULL:
        vt_scan_word(scan, "null");
        return NULL;
    default:
        vt_scan_fail_expected(scan, "a value");
        return NULL;
    }
}
