/* SPDX-License-Identifier: MIT */
/*
 * The options of vintage-vm's process, for the program and for the tool that looks at them.
 */
#pragma once

#include "service.h"

/* @opaque: VtVintageVmOptions. */
void vintage_vm_read_options(const void *opaque, ServiceOptions *ret);
