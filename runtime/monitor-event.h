/* SPDX-License-Identifier: MIT */
/*
 * Events as trees, for the runtime's own commands.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/monitor.h"

/* Takes @data; NULL: none. */
void vt_service_event_tree(VtService *service, const char *name, json_object *data);
/* What the VM's objects tell goes to the sessions. */
void vt_service_listen(VtService *service);
