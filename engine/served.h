/* SPDX-License-Identifier: MIT */
/*
 * Served backends: a class of backends states in the schema ('served') with which value of which member this process
 * has the backend, and what the engine gets in its place.
 */
#pragma once

#include <stdbool.h>

#include <json-c/json_types.h>

#include "vt-runtime/vm.h"

/* Whether the user wants this process to have the backend. */
bool engine_is_served(const VtObject *object);
/* Whether the member says who has the backend: the engine does not get it. */
bool engine_says_served(const VtObject *object, const VtProp *prop);
/* The creation that the engine gets in place of @object, connected to @socket: the number or the name of a descriptor.
 * A new reference. */
json_object *engine_stand_in(const VtObject *object, const char *socket);
