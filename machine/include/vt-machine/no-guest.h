/* SPDX-License-Identifier: MIT */
/*
 * Virtual machines without a guest.
 */
#pragma once

#include "vt-runtime/object.h"

/* Provides the processors that clients look at: vt_vm_set_processors().  If the user selected the accelerator 'qtest',
 * no guest will run: then machines and devices that have no model are placed, plugged, checked and inspected as others
 * are. If the machine has no processor, any accelerator starts.  Call it before vt_vm_realize(), and not if an engine
 * runs the VM. */
void vt_vm_expect_no_guest(VtVm *vm);
