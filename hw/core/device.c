/* SPDX-License-Identifier: MIT */
/*
 * What every device says of itself.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/object.h"

static bool
realize(VtObject *object, GError **error)
{
    VtDevice *device = vt_object_report(object);

    (void)error;
    device->realized = true;
    device->hotplugged = vt_object_hotplugged(object);
    return true;
}

static void
unrealize(VtObject *object)
{
    VtDevice *device = vt_object_report(object);

    device->realized = false;
}

const VtOps vt_ops_device = {.realize = realize, .unrealize = unrealize};
