/* SPDX-License-Identifier: MIT */
/*
 * Boot order: no two devices of a VM have one index.
 */
#include "vt-hw/boot-index.h"

#include <string.h>

#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

typedef struct Search {
    VtObject *self;
    int32_t index;
    VtObject *found;
} Search;

/* The boot index of @object, or -1. */
static int32_t
boot_index_of(VtObject *object)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), "bootindex", strlen("bootindex"));

    return prop ? *(const int32_t *)((const char *)vt_object_config(object) + prop->offset) : -1;
}

static bool
differs(VtObject *peer, void *opaque)
{
    Search *search = opaque;

    /* An embedder and its child have the member in common. */
    if (vt_object_full_config(peer) == vt_object_full_config(search->self) || boot_index_of(peer) != search->index) {
        return true;
    }
    search->found = peer;
    return false;
}

bool
vt_boot_index_check(VtObject *device, int32_t index, GError **error)
{
    Search search = {.self = device, .index = index};
    g_autofree char *name = NULL;

    if (index < 0 || vt_peers_each(device, "device", differs, &search)) {
        return true;
    }
    name = vt_peer_name(search.found);
    return vt_error_set(error, "bootindex: %d is that of %s already", index, name);
}
