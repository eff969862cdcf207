/* SPDX-License-Identifier: MIT */
/*
 * netfilter: the position of a filter, and whether it is enabled.
 */
#include "netfilter.h"

#include <string.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

const VtOps vt_ops_netfilter;

VtNetFilter *
vt_netfilter_get(VtObject *object)
{
    return vt_object_state(object, &vt_ops_netfilter);
}

static bool
check_status(const VtNetfilter *config, GError **error)
{
    return strcmp(config->status, "on") == 0 || strcmp(config->status, "off") == 0 ||
           vt_error_set(error, "status: expected 'on' or 'off', got '%s'", config->status);
}

static bool
validate(VtObject *object, GError **error)
{
    const VtNetfilter *config = vt_object_config(object);
    const char *position = config->position;

    if (strcmp(position, "head") != 0 && strcmp(position, "tail") != 0 && !g_str_has_prefix(position, "id=")) {
        return vt_error_set(error, "position: expected 'head', 'tail' or 'id=ID', got '%s'", position);
    }
    return check_status(config, error);
}

/* Finds the filter to insert @object after; NULL: insert at the head. */
static bool
find_place(VtObject *object, VtNetEnd *end, VtNetFilter **ret_after, GError **error)
{
    const VtNetfilter *config = vt_object_config(object);
    const char *id = config->position + strlen("id=");
    VtObject *other;
    VtNetFilter *filter;

    if (!g_str_has_prefix(config->position, "id=")) {
        *ret_after = strcmp(config->position, "head") ? vt_net_filter_previous(end, NULL) : NULL;
        return true;
    }
    other = vt_vm_find(vt_object_vm(object), "object", id);
    filter = other && vt_object_is_a(other, "netfilter") ? vt_netfilter_get(other) : NULL;
    if (!filter || filter->end != end) {
        return vt_error_set(error, "position: '%s' is not a filter of netdev '%s'", id, config->netdev.id);
    }
    *ret_after = config->insert == VT_NETFILTER_INSERT_BEHIND ? filter : vt_net_filter_previous(end, filter);
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtNetfilter *config = vt_object_config(object);
    VtNetFilter *filter = vt_netfilter_get(object), *after = NULL;
    VtNetEnd *end = vt_netdev_end(config->netdev.target);

    if (!find_place(object, end, &after, error)) {
        return false;
    }
    *filter = (VtNetFilter){
        .rx = config->queue != VT_NET_FILTER_DIRECTION_TX,
        .tx = config->queue != VT_NET_FILTER_DIRECTION_RX,
    };
    vt_net_filter_add(end, filter, after);
    return true;
}

void
vt_netfilter_open(VtObject *object, void (*see)(void *opaque, const struct iovec *iov, size_t n), void *opaque)
{
    const VtNetfilter *config = vt_object_config(object);
    VtNetFilter *filter = vt_netfilter_get(object);

    filter->see = see;
    filter->opaque = opaque;
    filter->enabled = strcmp(config->status, "on") == 0;
}

static void
unrealize(VtObject *object)
{
    vt_net_filter_remove(vt_netfilter_get(object));
}

static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    const VtNetfilter *config = vt_object_config(object);

    (void)prop;
    if (!check_status(config, error)) {
        return false;
    }
    vt_netfilter_get(object)->enabled = strcmp(config->status, "on") == 0;
    return true;
}

const VtOps vt_ops_netfilter = {
    .state_size = sizeof(VtNetFilter),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
    .set = set,
};
