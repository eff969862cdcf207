/* SPDX-License-Identifier: MIT */
/*
 * The names of members' types, as help and QOM introspection tell them.
 */
#pragma once

#include "vt-runtime/schema.h"

/* "uint16", "str", "OnOffAuto", "[IOThreadVirtQueueMapping]"; owned by the caller. */
char *vt_row_type_name(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
