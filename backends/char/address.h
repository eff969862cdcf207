/* SPDX-License-Identifier: MIT */
/*
 * Addresses of character devices, whose QMP form has an extra level of nesting.
 */
#pragma once

#include "vt-gen/backends.h"

/* Converts to an address without that level.  The result borrows from @address. */
VtSocketAddress vt_char_address(const VtSocketAddressLegacy *address);
