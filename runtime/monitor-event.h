/* SPDX-License-Identifier: MIT */
/*
 * Events as trees, for the runtime's own commands.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/monitor.h"

/* Takes @data; NULL: none. */
void vt_service_event_tree(VtService *service, const char *name, json_object *data);
