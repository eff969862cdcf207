/* SPDX-License-Identifier: MIT */
/*
 * Process options of vintage-vm, for the program and the tool.
 */
#pragma once

#include "service.h"

/* @options: VtVintageVmOptions. */
void vintage_vm_read_options(const void *options, ServiceOptions *ret);
