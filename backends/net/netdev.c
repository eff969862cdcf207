/* SPDX-License-Identifier: MIT */
/*
 * netdev: each network backend owns one end of a link.
 */
#include <string.h>

#include "cable.h"
#include "serve.h"
#include "vt-gen/backends.h"

typedef struct State {
    VtNetEnd *end; /* NULL: not realized */
} State;

const VtOps vt_ops_netdev;

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_netdev);

    (void)error;
    state->end = vt_net_end_new(NULL, NULL);
    return true;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_netdev);

    g_clear_pointer(&state->end, vt_net_end_free);
}

VtNetEnd *
vt_netdev_end(VtObject *netdev)
{
    return ((State *)vt_object_state(netdev, &vt_ops_netdev))->end;
}

void
vt_netdev_open(VtObject *netdev, const VtNetOps *ops, void *opaque)
{
    vt_net_end_set(vt_netdev_end(netdev), ops, opaque);
}

bool
vt_net_is_said(VtObject *object, const char *member)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), member, strlen(member));
    const VtConfig *config = vt_object_full_config(object);

    return vt_config_given(config, prop) || (!prop->timeline && vt_config_present(config, prop));
}

const VtOps vt_ops_netdev = {
    .state_size = sizeof(State),
    .realize = realize,
    .unrealize = unrealize,
    .serve = &vt_net_serve,
};
