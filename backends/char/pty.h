/* SPDX-License-Identifier: MIT */
#pragma once

#include "vt-runtime/object.h"

/* The name of the terminal; borrowed. */
const char *vt_pty_name(VtObject *chardev);
