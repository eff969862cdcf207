/* SPDX-License-Identifier: MIT */
/*
 * Pins: values that are added to a configuration, so that an object keeps them with another version of its machine or
 * of the platform.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/options.h"

/* The command line that @config, a result of vt_command_line_convert(), is.  Its plans are for vt_config_pin(): each
 * object knows which value of @config created it.  Errors begin with that value, as "device[2]".  NULL on error. */
VtCommandLine *vt_command_line_placed(const VtCommandLine *line, json_object *config, GError **error);
/* Adds @value of @prop to the value of @config that created @object, an object of a plan of @placed.  Sets the default
 * of its class if another option or the machine created it.  Returns false, and changes nothing, if no option sets the
 * member.  @value is NULL if the member has no value. */
bool vt_config_pin(const VtCommandLine *placed, json_object *config, const VtObject *object, const VtProp *prop,
                   json_object *value);
/* Sets the default of @prop for the class @info in @config.  Returns false if no option sets it, or if @config has
 * another default. */
bool vt_config_pin_default(const VtCommandLine *line, json_object *config, const VtClassInfo *info, const VtProp *prop,
                           json_object *value);
/* States the machine, the platform version and the target of @overrides in @config, the values of @line. */
void vt_config_override(const VtCommandLine *line, json_object *config, const VtOverrides *overrides);
