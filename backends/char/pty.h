/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/object.h"

/* The terminal's name; borrowed. */
const char *vt_pty_name(VtObject *chardev);
