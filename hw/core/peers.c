/* SPDX-License-Identifier: MIT */
/*
 * Names of other objects, for messages.
 */
#include "vt-hw/peers.h"

char *
vt_peer_name(VtObject *object)
{
    const VtConfig *config = vt_object_full_config(object);

    return config->id ? g_strdup_printf("%s '%s'", config->info->kind, config->id)
                      : g_strdup_printf("a %s", config->info->tag);
}
