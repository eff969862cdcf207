/* SPDX-License-Identifier: MIT */
/*
 * The codec of the address of a PCI device of the host: "[DOMAIN:]BUS:SLOT.FUNCTION", hexadecimal.
 */
#include "vt-hw/pci.h"

#include <string.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

#define UNSET "ffff:ff:ff.f" /* the default, which no device has */

/* Reads one to @digits hexadecimal digits at *@text, and advances *@text.  Fails if the number exceeds @limit. */
static bool
read_part(const char **text, unsigned digits, unsigned limit, unsigned *ret_value)
{
    const char *start = *text;

    *ret_value = 0;
    for (; g_ascii_isxdigit(**text) && *text - start < (int)digits; ++*text) {
        *ret_value = *ret_value * 16 + (unsigned)g_ascii_xdigit_value(**text);
    }
    return *text > start && *ret_value <= limit;
}

static bool
read_address(const char *text, unsigned parts[4])
{
    bool ok = read_part(&text, 4, 0xFFFF, &parts[0]) && *text++ == ':' && read_part(&text, 2, 0xFF, &parts[1]);

    /* Without a domain, these were bus and slot. */
    if (ok && *text != ':') {
        parts[2] = parts[1];
        parts[1] = parts[0];
        parts[0] = 0;
    } else {
        ok = ok && (text++, read_part(&text, 2, 0xFF, &parts[2]));
    }
    return ok && parts[1] <= 0xFF && parts[2] < VT_PCI_SLOTS && *text++ == '.' &&
           read_part(&text, 1, VT_PCI_FUNCTIONS - 1, &parts[3]) && !*text;
}

static char *
normalise_pci_host_address(const char *text, GError **error)
{
    unsigned parts[4];

    if (strcmp(text, UNSET) == 0) {
        return g_strdup(text);
    }
    if (!read_address(text, parts)) {
        vt_error_set(error,
                     "'%.40s' is no PCI address of the host; expected [DOMAIN:]BUS:SLOT.FUNCTION, such as 0000:3b:00.0",
                     text);
        return NULL;
    }
    return g_strdup_printf("%04x:%02x:%02x.%x", parts[0], parts[1], parts[2], parts[3]);
}

const VtCodec vt_codec_pci_host_address = {.normalise = normalise_pci_host_address};
