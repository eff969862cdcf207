/* SPDX-License-Identifier: MIT */
/*
 * Forms in which a VM is written: arguments, JSON arguments, a configuration file, QMP commands.
 */
#pragma once

#include "tool.h"

#define TOOL_FORM(variable)                                                                                            \
    {                                                                                                                  \
        .name = "--to", .value = (variable), .word = "FORM", .doc = "argv, json, config or qmp"                        \
    }

/* Whether @form, which may be NULL, is the name of a form. Otherwise reports a usage error of @command. */
bool tool_form_check(const char *command, const char *form);
/* Prints @config, a result of vt_command_line_convert() for @line, in @form. @json: arguments and commands as a JSON
 * array. Returns the exit status. */
int tool_form_print(VtCommandLine *line, json_object *config, const char *form, bool json);
