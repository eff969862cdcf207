/* SPDX-License-Identifier: MIT */
/*
 * The PC machines.  The schema states how their buses and defaults differ.
 */
#include "machine.h"

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"

#define MEBIBYTE G_GUINT64_CONSTANT(1048576)

/* The VMware port is part of the keyboard controller, so it requires i8042=on. */
VtOnOffAuto
vt_derive_pc_vmport(bool i8042)
{
    return i8042 ? VT_ON_OFF_AUTO_ON : VT_ON_OFF_AUTO_OFF;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtMachineRules rules = {.has_memory_slots = true};
    const VtPcCommon *config = vt_object_config(object);

    if (config->max_fw_size > 16 * MEBIBYTE) {
        return vt_error_set(error, "max-fw-size: %" G_GUINT64_FORMAT " exceeds the maximum %" G_GUINT64_FORMAT,
                            config->max_fw_size, 16 * MEBIBYTE);
    }
    return vt_machine_check(object, &rules, error);
}

const VtOps vt_ops_pc_i440fx = {.validate = validate};
const VtOps vt_ops_pc_q35 = {.validate = validate};
