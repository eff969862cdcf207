/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with the options of the process can be seen before anything starts: by the process itself, and by the
 * tool.  Nothing of the host is touched.
 */
#pragma once

#include "service.h"

bool service_check_options(const ServiceOptions *options, GError **error);
/* What can be configured and resolved, and is not supported by the process. */
bool service_check_start(const ServiceOptions *options, GError **error);
/* What the options name in the planned @vm is there. */
bool service_check_vm(const ServiceOptions *options, const VtVm *vm, GError **error);
