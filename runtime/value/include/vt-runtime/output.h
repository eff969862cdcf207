/* SPDX-License-Identifier: MIT */
/*
 * Output: values to json-c trees, by the tables.
 */
#pragma once

#include "vt-runtime/config.h"
#include "vt-runtime/json.h"

enum {
    VT_OUTPUT_NAMES = 1 << 0,  /* scalars by name where the value has one ('auto'); for people */
    VT_OUTPUT_ABSENT = 1 << 1, /* members that are absent are null; otherwise they are left out */
};

/* New references.  Sensitive members are left out; absent members are left out. */
json_object *vt_output_field(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field,
                             unsigned flags);
json_object *vt_output_type(const VtSchema *schema, uint16_t type, const void *data, unsigned flags);
/* {property: value} of all members that are not hidden, sensitive or of another target. */
json_object *vt_output_config(const VtConfig *config, uint16_t target, unsigned flags);
/* One line of text for a value, as key=value text would say it ('auto', 'on', '52:54:…', or compact JSON). */
char *vt_output_text(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
