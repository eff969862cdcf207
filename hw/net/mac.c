/* SPDX-License-Identifier: MIT */
/*
 * MAC addresses of network devices.  All explicit addresses are registered before the first one is chosen, so a chosen
 * address never equals an explicit one, in any order of devices.
 */
#include "vt-hw/mac.h"

#include <string.h>

#define INDEX "mac"
#define FIRST UINT64_C(0x525400123456)
#define LAST  UINT64_C(0x525400ffffff)

/* The codec has validated the text. */
static uint64_t
value_of(const char *mac)
{
    uint64_t value = 0;

    for (; *mac; mac++) {
        if (g_ascii_isxdigit(*mac)) {
            value = value << 4 | (unsigned)g_ascii_xdigit_value(*mac);
        }
    }
    return value;
}

void
vt_mac_enter(VtObject *nic)
{
    const VtProp *prop = vt_class_prop(vt_object_class(nic), "mac", strlen("mac"));
    const char *mac = prop ? *(char *const *)((const char *)vt_object_config(nic) + prop->offset) : NULL;
    uint64_t value = mac ? value_of(mac) : 0;

    if (value) {
        vt_index_enter(nic, INDEX, value);
    }
}

char *
vt_mac_choose(VtObject *nic)
{
    uint64_t value = vt_index_free_value(vt_object_vm(nic), INDEX, FIRST);
    GString *text;

    if (value > LAST) {
        return NULL;
    }
    vt_index_enter(nic, INDEX, value);
    text = g_string_new(NULL);
    for (int shift = 40; shift >= 0; shift -= 8) {
        g_string_append_printf(text, "%s%02x", text->len ? ":" : "", (unsigned)(value >> shift) & 0xff);
    }
    return g_string_free(text, FALSE);
}
