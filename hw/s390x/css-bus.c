/* SPDX-License-Identifier: MIT */
/*
 * The virtual channel subsystem.  A place is CSS.SET.DEVICE, all hexadecimal: "fe.0.0001".  What the machine makes up
 * is in channel subsystem fe.
 */
#include <stdio.h>
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

#define UNSET       "<unset>"
#define VIRTUAL_CSS 0xfe
#define LAST_SET    3
#define LAST_DEVICE 0xffff

static const char *
devno_of(VtObject *device)
{
    return ((const VtCcwDevice *)vt_object_config(device))->devno;
}

static bool
is_set(VtObject *device)
{
    return strcmp(devno_of(device), UNSET) != 0;
}

/* One number for all of it, so that "fe.0.1" and "fe.0.0001" are one place; -1 where it is none. */
static int64_t
parse(const char *text)
{
    unsigned css, set, number;
    int end = 0;

    if (sscanf(text, "%2x.%1x.%4x%n", &css, &set, &number, &end) < 3 || text[end] || css > VIRTUAL_CSS ||
        set > LAST_SET || strspn(text, "0123456789abcdefABCDEF.") != strlen(text)) {
        return -1;
    }
    return ((int64_t)css << 24) | (set << 16) | number;
}

static VtObject *
at(const VtBus *bus, int64_t where)
{
    for (guint i = 0; i < bus->devices->len; i++) {
        if (parse(devno_of(bus->devices->pdata[i])) == where) {
            return bus->devices->pdata[i];
        }
    }
    return NULL;
}

static bool
place_given(const VtBus *bus, VtObject *device, GError **error)
{
    const char *devno = devno_of(device);
    int64_t where = parse(devno);
    const VtObject *taken_by;

    if (where < 0) {
        return vt_error_set(error, "devno: '%s' is not a device number: CSS.SET.DEVICE up to fe.3.ffff, like fe.0.0001",
                            devno);
    }
    taken_by = at(bus, where);
    if (taken_by) {
        g_autofree char *title = vt_object_title(taken_by);

        return vt_error_set(error, "bus '%s': devno %s is taken by %s", bus->name, devno, title);
    }
    return true;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    if (is_set(device)) {
        return place_given(bus, device, error);
    }
    for (unsigned set = 0; set <= LAST_SET; set++) {
        for (unsigned number = 0; number <= LAST_DEVICE; number++) {
            if (!at(bus, ((int64_t)VIRTUAL_CSS << 24) | (set << 16) | number)) {
                g_autofree char *devno = g_strdup_printf("%02x.%x.%04x", VIRTUAL_CSS, set, number);

                vt_object_settle_str(device, "devno", devno);
                return true;
            }
        }
    }
    return vt_error_set(error, "bus '%s': no free devno", bus->name);
}

static bool
is_fixed(VtBus *bus, VtObject *device)
{
    (void)bus;
    return is_set(device);
}

const VtBusOps vt_bus_ops_virtual_css_bus = {.place = place, .is_fixed = is_fixed};
