/* SPDX-License-Identifier: MIT */
/*
 * Process options of vintage-vm, for the program and the tool.
 */
#pragma once

#include "service.h"

/* @opaque: VtVintageVmOptions. */
void vintage_vm_read_options(const void *opaque, ServiceOptions *ret);
