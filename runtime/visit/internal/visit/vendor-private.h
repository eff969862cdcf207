/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/vendor-machine.h"

/* Checks the defaults as qapi-gen checks those of the schema: class, property, value, axis, and that each changes a
 * value. */
bool vt_vendor_machine_check(const VtSchema *schema, const VtVendorMachine *machine, GError **error);
