/* SPDX-License-Identifier: MIT */
/*
 * Output: values as json-c trees or text, by the tables.
 */
#pragma once

#include "vt-runtime/config.h"
#include "vt-runtime/json.h"

enum {
    VT_OUTPUT_NAMES = 1 << 0,         /* show a scalar by its name ('auto') or with its codec; for output to users */
    VT_OUTPUT_ABSENT = 1 << 1,        /* vt_output_config(): show absent members as null */
    VT_OUTPUT_GIVEN = 1 << 2,         /* only members that were given, also sensitive ones */
    VT_OUTPUT_NO_DEPRECATED = 1 << 3, /* no deprecated members of structs */
    VT_OUTPUT_NO_UNSTABLE = 1 << 4,   /* no unstable members of structs */
    VT_OUTPUT_CODED = 1 << 5,         /* show an integer with its codec, but by no name */
};

/* Return the value of @field, or of @data of the global type @type, as a new reference. @flags: VT_OUTPUT_*. Sensitive
 * and absent members are left out. */
json_object *vt_output_field(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field,
                             unsigned flags);
json_object *vt_output_type(const VtSchema *schema, uint16_t type, const void *data, unsigned flags);
/* Returns an object of all members that are present, except hidden and sensitive ones and those of targets other than
 * @target (0: any). With VT_OUTPUT_ABSENT, absent members are null, also sensitive ones. */
json_object *vt_output_config(const VtConfig *config, uint16_t target, unsigned flags);
/* Returns the value as in key=value text ('auto', 'on', '52:54:…') or as compact JSON, owned by the caller. Does not
 * hide a sensitive value. */
char *vt_output_text(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
