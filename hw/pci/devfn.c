/* SPDX-License-Identifier: MIT */
/*
 * The codec of a PCI address: "SLOT" or "SLOT.FUNCTION", both hexadecimal, with or without 0x.  The integer value is
 * slot * 8 + function.  -1 selects any free address and has no text form.
 */
#include "vt-hw/pci.h"
#include "vt-runtime/error.h"

/* Parses up to two hexadecimal digits at *@text, and advances *@text. */
static bool
scan_part(const char **text, unsigned limit, unsigned *ret_value)
{
    const char *at = *text;
    unsigned value = 0;
    unsigned digits = 0;

    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        at += 2;
    }
    for (; g_ascii_isxdigit(*at) && digits < 2; at++, digits++) {
        value = value * 16 + (unsigned)g_ascii_xdigit_value(*at);
    }
    if (!digits || value > limit) {
        return false;
    }
    *text = at;
    *ret_value = value;
    return true;
}

static bool
parse_devfn(const char *text, int64_t *ret_value, GError **error)
{
    const char *at = text;
    unsigned slot, function = 0;

    if (!scan_part(&at, VT_PCI_SLOTS - 1, &slot) ||
        (*at == '.' && (at++, !scan_part(&at, VT_PCI_FUNCTIONS - 1, &function))) || *at) {
        return vt_error_set(
            error, "'%s' is not a PCI address; expected SLOT from 0 to 1f, or SLOT.FUNCTION such as 1f.7", text);
    }
    *ret_value = VT_PCI_DEVFN(slot, function);
    return true;
}

static char *
format_devfn(int64_t value)
{
    if (value < 0) {
        return g_strdup_printf("%" G_GINT64_FORMAT, value);
    }
    return g_strdup_printf("%02x.%x", VT_PCI_SLOT(value), VT_PCI_FUNCTION(value));
}

const VtCodec vt_codec_pci_devfn = {.parse = parse_devfn, .format = format_devfn};
