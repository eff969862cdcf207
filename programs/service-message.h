/* SPDX-License-Identifier: MIT */
/*
 * Messages of a program that serves, on standard error.
 */
#pragma once

#include "service.h"

enum { SERVICE_DONE, SERVICE_WRONG }; /* exit status */

/* Prints "2026-11-21T14:02:11.123456Z vm vintage-vm: ..." as one line, even if @message has several.  @options: NULL
 * before they are parsed. */
void service_print(const VtProgram *program, const ServiceOptions *options, const char *message);
/* Prints each line of @error.  Returns the exit status. */
int service_fail(const VtProgram *program, const ServiceOptions *options, const GError *error);
