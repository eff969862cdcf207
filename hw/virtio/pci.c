/* SPDX-License-Identifier: MIT */
/*
 * Virtio over PCI: the modern and legacy interfaces of a device.
 */
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-hw/virtio.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

/* The legacy interface needs I/O space, which is scarce for a port. */
VtOnOffAuto
vt_derive_virtio_pci_disable_legacy(const char *type)
{
    return type && strcmp(type, "PCIE-port") == 0 ? VT_ON_OFF_AUTO_ON : VT_ON_OFF_AUTO_OFF;
}

/* For devices without a legacy interface: neither bus nor machine version matters. */
VtOnOffAuto
vt_derive_virtio_pci_never_legacy(void)
{
    return VT_ON_OFF_AUTO_ON;
}

bool
vt_derive_virtio_pci_always_modern(void)
{
    return false;
}

static const void *
member(VtObject *object, const char *name)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), name, strlen(name));

    return prop ? (const char *)vt_object_config(object) + prop->offset : NULL;
}

VtVirtioInterfaces
vt_virtio_pci_interfaces(VtObject *object)
{
    const VtOnOffAuto *disable_legacy = member(object, "disable-legacy");
    const bool *disable_modern = member(object, "disable-modern");

    if (!disable_legacy) {
        /* The class decides: NAME-transitional has both interfaces, NAME-non-transitional only the modern one. */
        bool modern_only = g_str_has_suffix(vt_object_class(object)->name, "-non-transitional");

        return (VtVirtioInterfaces){.modern = true, .legacy = !modern_only};
    }
    return (VtVirtioInterfaces){.modern = !*disable_modern, .legacy = *disable_legacy == VT_ON_OFF_AUTO_OFF};
}

static bool
check_place(VtObject *object, GError **error)
{
    const VtVirtioDevice *device = vt_object_config(vt_object_child(object, "virtio-backend"));
    VtVirtioInterfaces shown = vt_virtio_pci_interfaces(object);

    if (!shown.modern && !shown.legacy) {
        return vt_error_set(error, "disable-modern and disable-legacy are both on; set one of them to off");
    }
    if (device->iommu_platform && shown.legacy) {
        return vt_error_set(error, "iommu_platform: not supported by the legacy interface; set disable-legacy=on");
    }
    return true;
}

const VtOps vt_ops_virtio_pci = {.check_place = check_place};
