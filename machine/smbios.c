/* SPDX-License-Identifier: MIT */
/*
 * SMBIOS.  This process runs no firmware that reads the tables; the options are checked and stored.
 */
#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

static bool
is_byte(const char *text)
{
    return g_ascii_string_to_unsigned(text, 10, 0, UINT8_MAX, NULL, NULL);
}

/* Accepts "MAJOR.MINOR", each from 0 to 255. */
static bool
validate_firmware(VtObject *object, GError **error)
{
    const VtSmbiosType0 *config = vt_object_config(object);
    g_auto(GStrv) parts = g_strsplit(config->release ? config->release : "", ".", -1);

    return !config->release || (g_strv_length(parts) == 2 && is_byte(parts[0]) && is_byte(parts[1])) ||
           vt_error_set(error, "release: expected MAJOR.MINOR, each up to 255, got '%s'", config->release);
}

const VtOps vt_ops_smbios_file;
const VtOps vt_ops_smbios_type0 = {.validate = validate_firmware};
const VtOps vt_ops_smbios_type1;
const VtOps vt_ops_smbios_type2;
const VtOps vt_ops_smbios_type3;
const VtOps vt_ops_smbios_type4;
const VtOps vt_ops_smbios_type8;
const VtOps vt_ops_smbios_type9;
const VtOps vt_ops_smbios_type11;
const VtOps vt_ops_smbios_type17;
const VtOps vt_ops_smbios_type41;
