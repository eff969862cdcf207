/* SPDX-License-Identifier: MIT */
/*
 * Addresses as character devices have them: each with a level that only the wire has.
 */
#pragma once

#include "vt-gen/backends.h"

/* The same address without that level.  What it points to is borrowed. */
VtSocketAddress vt_char_address(const VtSocketAddressLegacy *address);
