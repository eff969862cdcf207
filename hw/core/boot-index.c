/* SPDX-License-Identifier: MIT */
/*
 * Boot order: boot indexes are unique in a VM.
 */
#include "vt-hw/boot-index.h"

#include <string.h>

#include "vt-hw/peers.h"
#include "vt-runtime/error.h"

#define INDEX "bootindex"

void
vt_boot_index_enter(VtObject *device)
{
    const VtProp *prop = vt_class_prop(vt_object_class(device), INDEX, strlen(INDEX));
    int32_t index = prop ? *(const int32_t *)((const char *)vt_object_config(device) + prop->offset) : -1;

    if (index >= 0) {
        vt_index_enter(device, INDEX, (uint64_t)index);
    }
}

bool
vt_boot_index_check(VtObject *device, int32_t index, GError **error)
{
    VtObject *other = index < 0 ? NULL : vt_index_find(device, INDEX, (uint64_t)index);
    g_autofree char *name = NULL;

    if (!other) {
        return true;
    }
    name = vt_peer_name(other);
    return vt_error_set(error, "bootindex: %d is in use by %s", index, name);
}
