/* SPDX-License-Identifier: MIT */
/*
 * Checks of the process options before startup, for the process itself and for the tool.  They access no host resource.
 */
#pragma once

#include "service.h"

bool service_check_options(const ServiceOptions *options, const VtCommandLine *line, GError **error);
/* Fails if an option refers to an object that the planned @vm does not have. */
bool service_check_vm(const ServiceOptions *options, const VtCommandLine *line, const VtVm *vm, GError **error);
