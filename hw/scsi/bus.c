/* SPDX-License-Identifier: MIT */
/*
 * The SCSI bus.  Targets find their place by order of placement; there is no rule beyond the bus's own slots.
 */
#include "vt-gen/hw.h"
#include "vt-runtime/bus.h"

const VtBusOps vt_bus_ops_SCSI = {.state_size = 0};
