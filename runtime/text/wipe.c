/* SPDX-License-Identifier: MIT */
#include "vt-runtime/wipe.h"

#include <string.h>

#include <json-c/json.h>

void
vt_wipe_free(void *memory, size_t size)
{
    if (memory) {
        explicit_bzero(memory, size);
        g_free(memory);
    }
}

void
vt_wipe_str(char *text)
{
    if (text) {
        vt_wipe_free(text, strlen(text));
    }
}

void
vt_wipe_string(GString *string)
{
    if (string) {
        explicit_bzero(string->str, string->allocated_len);
        g_string_free(string, TRUE);
    }
}

void
vt_wipe_reserve(GString *string, size_t len)
{
    size_t room = string->allocated_len;
    char *old = string->str;

    if (len < room - string->len) {
        return;
    }
    while (room <= string->len + len) {
        room *= 2;
    }
    string->str = g_malloc(room);
    memcpy(string->str, old, string->len + 1);
    vt_wipe_free(old, string->allocated_len);
    string->allocated_len = room;
}

/* A new text of the same length replaces the old one in place. */
static void
wipe(json_object *string, void *opaque)
{
    int len = json_object_get_string_len(string);
    g_autofree char *zeros = g_malloc0((size_t)len + 1);

    (void)opaque;
    json_object_set_string_len(string, zeros, len);
}

json_object *
vt_wipe_json_string(const char *text, size_t len)
{
    json_object *string = json_object_new_string_len(text, (int)len);

    json_object_set_userdata(string, NULL, wipe);
    return string;
}
