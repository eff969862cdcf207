/* SPDX-License-Identifier: MIT */
/*
 * Files and tables that the firmware passes to the guest.
 */
#include <string.h>

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define FW_CFG_NAME_MAX 55 /* bytes in a directory entry of the device */

static bool
check_generator(const VtFwCfgItem *config, GError **error)
{
    const VtObject *generator = config->gen_id.target;

    return !config->gen_id.id || vt_class_implements(vt_object_class(generator), "fw_cfg-data-generator") ||
           vt_error_set(error, "gen_id: object '%s' generates no firmware configuration", config->gen_id.id);
}

/* Fails if another file has the name. */
static bool
enter_name(VtObject *object, const char *name, GError **error)
{
    static const char index[] = "fw_cfg-item.name";
    const VtObject *other = vt_index_find(object, index, g_str_hash(name));

    if (other && strcmp(((const VtFwCfgItem *)vt_object_config(other))->name, name) == 0) {
        return vt_error_set(error, "name: '%s' is in use by another file", name);
    }
    vt_index_enter(object, index, g_str_hash(name));
    return true;
}

static bool
validate_fw_cfg(VtObject *object, GError **error)
{
    const VtFwCfgItem *config = vt_object_config(object);
    unsigned contents = (config->file != NULL) + (config->string != NULL) + (config->gen_id.id != NULL);

    if (contents != 1) {
        return vt_error_set(error, "expected exactly one of 'file', 'string' and 'gen_id'");
    }
    if (strlen(config->name) > FW_CFG_NAME_MAX) {
        return vt_error_set(error, "name: '%.60s' exceeds the maximum of %d bytes", config->name, FW_CFG_NAME_MAX);
    }
    return check_generator(config, error) && enter_name(object, config->name, error);
}

const VtOps vt_ops_fw_cfg_item = {.validate = validate_fw_cfg};

static bool
validate_acpi_table(VtObject *object, GError **error)
{
    const VtAcpiTable *config = vt_object_config(object);

    return !config->file != !config->data || vt_error_set(error, "expected exactly one of 'file' and 'data'");
}

const VtOps vt_ops_acpi_table = {.validate = validate_acpi_table};
