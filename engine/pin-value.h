/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/vm.h"

/* Returns the value of the member @prop of @object in the type that the engine has. @type: of the engine's property, as
 * "uint32"; NULL: the type of the schema. A new reference; NULL: the member has no value. */
json_object *engine_value(const VtObject *object, const VtProp *prop, const char *type);
/* Removes members of @value, a struct of the type @type_id, which @release does not have, if they have the value that
 * an engine without them amounts to: their base default. */
void engine_value_omit_future(json_object *value, const VtSchema *schema, uint16_t type_id, uint16_t release);
/* Whether the engine's property of @type is a number. */
bool engine_type_is_number(const char *type);
/* @value in the type that the engine has. Takes ownership of @value, and returns a new reference. */
json_object *engine_value_as(json_object *value, const char *type);
/* Whether @value is the JSON text @text. */
bool engine_value_is(json_object *value, const char *text);
/* Whether @value is what the engine reads from @text, in the form of the command line. */
bool engine_value_reads(json_object *value, const char *text);
/* Whether the value in @field, of the member @prop, is "auto": the device replaces it by one that it computes. */
bool engine_field_is_auto(const VtSchema *schema, const VtProp *prop, const void *field);
/* Whether the engine chooses the value of @object when it realizes it: the user did not give one, and no other value
 * decides it. */
bool engine_is_automatic(const VtObject *object, const VtProp *prop);
/* The id by which the engine has the object @id: QEMU refuses the mark of ids that it makes itself. Borrowed from @id.
 */
const char *engine_id(const char *id);
