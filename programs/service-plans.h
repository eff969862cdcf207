/* SPDX-License-Identifier: MIT */
/*
 * What monitors plan beside the VM of the process: contexts and VMs that are compared.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Sets the functions of @service that freeze and plan. */
void service_plans_set(VtService *service);
