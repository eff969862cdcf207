/* SPDX-License-Identifier: MIT */
/*
 * The processors that the machine starts with, as objects that clients look at.
 */
#pragma once

#include "vt-runtime/vm.h"

/* Provides the processors of a VM that is planned: vt_vm_set_processors(). */
void vt_machine_provide_processors(VtVm *vm);
