/* SPDX-License-Identifier: MIT */
/*
 * Displays and display servers.  This process draws no screen, so it supports only display 'none'.
 */
#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

const VtOps vt_ops_display_none;

/* ---- VNC ----------------------------------------------------------------------------------------------- */

static bool
realize_vnc(VtObject *object, GError **error)
{
    const VtVncServer *config = vt_object_config(object);
    g_autoptr(VtForm) form = vt_object_form(object, &vt_codec_vnc_address_text, config->vnc);
    const VtVncAddress *address = form->settings;

    return address->none ||
           vt_error_set(error, "vnc: '%s' is not supported at startup: this program has no VNC server; expected 'none'",
                        config->vnc);
}

const VtOps vt_ops_vnc_server = {.realize = realize_vnc};

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
