/* SPDX-License-Identifier: MIT */
/*
 * Addresses of network devices.  Addresses that were given are known before one is chosen, whatever the order of the
 * devices: no chosen address is ever that of another device.
 */
#include "mac.h"

#include <string.h>

#include "vt-hw/peers.h"

#define PREFIX "52:54:00:12:34:"
#define FIRST  0x56
#define LAST   0xfe

static bool
mark(VtObject *peer, void *opaque)
{
    bool *taken = opaque;
    const VtProp *prop = vt_class_prop(vt_object_class(peer), "mac", strlen("mac"));
    const char *mac = prop ? *(char *const *)((const char *)vt_object_config(peer) + prop->offset) : NULL;

    if (mac && g_ascii_strncasecmp(mac, PREFIX, strlen(PREFIX)) == 0) {
        taken[g_ascii_strtoull(mac + strlen(PREFIX), NULL, 16) & 0xff] = true;
    }
    return true;
}

char *
vt_mac_choose(VtObject *nic)
{
    bool taken[256] = {false};

    vt_peers_each(nic, "device", mark, taken);
    for (unsigned last = FIRST; last <= LAST; last++) {
        if (!taken[last]) {
            return g_strdup_printf(PREFIX "%02x", last);
        }
    }
    return NULL;
}
