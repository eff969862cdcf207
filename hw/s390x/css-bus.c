/* SPDX-License-Identifier: MIT */
/*
 * The channel subsystem.  A device number is CSS.SET.DEVICE in hexadecimal: "fe.0.0001".  Default numbers are in
 * channel subsystem fe.
 */
#include <string.h>

#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"
#include "vt-runtime/error.h"

#define UNSET       "<unset>"
#define VIRTUAL_CSS 0xfe
#define LAST_SET    3
#define LAST_DEVICE 0xffff
#define FIRST       ((uint64_t)VIRTUAL_CSS << 24)
#define LAST        (FIRST | LAST_SET << 16 | LAST_DEVICE)
#define INDEX       "devno" /* a machine has one such bus */

static const char *
devno_of(const VtObject *device)
{
    return ((const VtCcwDevice *)vt_object_config(device))->devno;
}

static bool
is_set(const VtObject *device)
{
    return strcmp(devno_of(device), UNSET) != 0;
}

/* Returns one integer, so that "fe.0.1" equals "fe.0.0001"; -1 if @text is invalid. */
static int64_t
parse(const char *text)
{
    static const struct {
        unsigned digits, last, bits;
    } parts[] = {{2, VIRTUAL_CSS, 8}, {1, LAST_SET, 8}, {4, 0xffff, 16}};
    g_auto(GStrv) words = g_strsplit(text, ".", -1);
    int64_t place = 0;

    if (g_strv_length(words) != G_N_ELEMENTS(parts)) {
        return -1;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        guint64 number;

        if (strlen(words[i]) > parts[i].digits ||
            !g_ascii_string_to_unsigned(words[i], 16, 0, parts[i].last, &number, NULL)) {
            return -1;
        }
        place = place << parts[i].bits | (int64_t)number;
    }
    return place;
}

static bool
place_given(const VtBus *bus, VtObject *device, GError **error)
{
    const char *devno = devno_of(device);
    int64_t where = parse(devno);
    VtObject *taken_by;

    if (where < 0) {
        return vt_error_set(
            error, "devno: '%s' is not a device number; expected CSS.SET.DEVICE up to fe.3.ffff, such as fe.0.0001",
            devno);
    }
    taken_by = vt_index_find(device, INDEX, (uint64_t)where);
    if (taken_by) {
        g_autofree char *title = vt_object_title(taken_by);

        return vt_error_set(error, "bus '%s': devno %s is in use by %s", bus->name, devno, title);
    }
    vt_index_enter(device, INDEX, (uint64_t)where);
    return true;
}

static bool
place(VtBus *bus, VtObject *device, GError **error)
{
    uint64_t where;

    if (is_set(device)) {
        return place_given(bus, device, error);
    }
    where = vt_index_free_value(vt_object_vm(device), INDEX, FIRST);
    if (where <= LAST) {
        g_autofree char *devno = g_strdup_printf("%02x.%x.%04x", VIRTUAL_CSS, (unsigned)(where >> 16) & LAST_SET,
                                                 (unsigned)where & LAST_DEVICE);

        vt_index_enter(device, INDEX, where);
        vt_object_settle_str(device, "devno", devno);
        return true;
    }
    return vt_error_set(error, "bus '%s': no free devno", bus->name);
}

static void
leave(VtBus *bus, VtObject *device)
{
    (void)bus;
    vt_index_leave(device, INDEX);
}

static bool
is_fixed(const VtBus *bus, const VtObject *device)
{
    (void)bus;
    return is_set(device);
}

const VtBusOps vt_bus_ops_virtual_css_bus = {.place = place, .remove = leave, .is_fixed = is_fixed};
