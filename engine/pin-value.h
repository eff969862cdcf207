/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/vm.h"

/* Returns the value of the member @prop of @object in the type that the engine has. @type: of the engine's property, as
 * "uint32"; NULL: the type of the schema. A new reference; NULL: the member has no value. */
json_object *engine_value(const VtObject *object, const VtProp *prop, const char *type);
/* Whether @value is the JSON text @text. */
bool engine_value_is(json_object *value, const char *text);
/* Whether @value is what the engine reads from @text, in the form of the command line. */
bool engine_value_reads(json_object *value, const char *text);
