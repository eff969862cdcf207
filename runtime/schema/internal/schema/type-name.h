/* SPDX-License-Identifier: MIT */
/*
 * Names of member types, for help output and QOM introspection.
 */
#pragma once

#include "vt-runtime/schema.h"

/* Returns a name such as "uint16", "str", "OnOffAuto" or "[IOThreadVirtQueueMapping]", owned by the caller. */
char *vt_row_type_name(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
