/* SPDX-License-Identifier: MIT */
/*
 * '-preconfig': clients complete the configuration before the machine exists.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Serves commands until a client sends x-exit-preconfig, or @stopping.  Monitors are open. */
void service_preconfig_serve(VtService *service, const bool *stopping);
/* Completes the request that ended service_preconfig_serve(): the machine exists. */
void service_preconfig_end(VtService *service);
/* Frees the request that ends the phase, if there is one, after its client. */
void service_preconfig_abandon(VtService *service);
