/* SPDX-License-Identifier: MIT */
/*
 * Displays and display servers.  This process draws no screen, so it supports only display 'none'.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define DISPLAY_MAX 59635 /* TCP port 65535 minus base port 5900 */

const VtOps vt_ops_display_none;

/* ---- VNC ----------------------------------------------------------------------------------------------- */

/* HOST:DISPLAY.  The host may be empty; an IPv6 address is in brackets. */
static bool
is_display(const char *address)
{
    const char *colon = strrchr(address, ':');
    guint64 number;

    return colon && g_ascii_string_to_unsigned(colon + 1, 10, 0, DISPLAY_MAX, &number, NULL) &&
           (*address == '[' ? colon > address && colon[-1] == ']' : strchr(address, ':') == colon);
}

static bool
validate_vnc(VtObject *object, GError **error)
{
    const VtVncServer *config = vt_object_config(object);
    const char *address = config->vnc;

    return strcmp(address, "none") == 0 || (g_str_has_prefix(address, "unix:") && address[5]) || is_display(address) ||
           vt_error_set(error, "vnc: expected HOST:DISPLAY with a display up to %d, unix:PATH or none, got '%s'",
                        DISPLAY_MAX, address);
}

static bool
realize_vnc(VtObject *object, GError **error)
{
    const VtVncServer *config = vt_object_config(object);

    return strcmp(config->vnc, "none") == 0 ||
           vt_error_set(error, "vnc: '%s' is not supported at startup: this program has no VNC server; expected 'none'",
                        config->vnc);
}

const VtOps vt_ops_vnc_server = {.validate = validate_vnc, .realize = realize_vnc};

/* ---- SPICE --------------------------------------------------------------------------------------------- */

static bool
validate_spice(VtObject *object, GError **error)
{
    const VtSpiceServer *config = vt_object_config(object);

    if (config->q_unix && !config->addr) {
        return vt_error_set(error, "unix: 'on' requires the path of the socket in 'addr'");
    }
    if (!config->q_unix && !config->port && !config->tls_port) {
        return vt_error_set(error, "expected a port: one of port, tls-port, or unix=on");
    }
    return !(config->password && config->password_secret.id) ||
           vt_error_set(error, "password and password-secret are mutually exclusive");
}

static bool
realize_spice(VtObject *object, GError **error)
{
    (void)object;
    return vt_error_set(error, "not supported at startup: this program has no SPICE server");
}

const VtOps vt_ops_spice_server = {.validate = validate_spice, .realize = realize_spice};
