/* SPDX-License-Identifier: MIT */
/*
 * Defaults of display adapters that depend on other values.
 */
#include "vt-gen/hw.h"

#define EDID_WIDTH  1280
#define EDID_HEIGHT 800

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
