/* SPDX-License-Identifier: MIT */
/*
 * VGA: the memory size is a power of two, because the size of a PCI BAR is.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define EDID_WIDTH  1280
#define EDID_HEIGHT 800

static bool
validate(VtObject *object, GError **error)
{
    const VtPciVga *config = vt_object_config(object);
    uint32_t size = config->vgamem_mb;

    return !(size & (size - 1)) || vt_error_set(error, "vgamem_mb: %u is not a power of two", size);
}

/* The preferred resolution in the EDID; 0 without EDID. */
uint32_t
vt_derive_vga_xres(bool edid)
{
    return edid ? EDID_WIDTH : 0;
}

uint32_t
vt_derive_vga_yres(bool edid)
{
    return edid ? EDID_HEIGHT : 0;
}

const char *
vt_derive_vga_romfile(void)
{
    return "vgabios-stdvga.bin";
}

const VtOps vt_ops_VGA = {.validate = validate};
