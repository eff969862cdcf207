/* SPDX-License-Identifier: MIT */
/*
 * Members of class device.
 */
#include "vt-gen/hw.h"
#include "vt-hw/dimm.h"
#include "vt-hw/mac.h"
#include "vt-runtime/object.h"

/* Registers the MAC address, which must be unique in the VM. */
static bool
refer(VtObject *object, GError **error)
{
    (void)error;
    vt_mac_enter(object);
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    return vt_dimm_check(object, error);
}

static bool
realize(VtObject *object, GError **error)
{
    VtDevice *device = vt_object_writable_config(object);

    (void)error;
    device->realized = true;
    device->hotplugged = vt_object_hotplugged(object);
    return true;
}

static void
unrealize(VtObject *object)
{
    VtDevice *device = vt_object_writable_config(object);

    device->realized = false;
}

const VtOps vt_ops_device = {.refer = refer, .validate = validate, .realize = realize, .unrealize = unrealize};
