/* SPDX-License-Identifier: MIT */
/*
 * One QMP session of a program per input.
 *
 * The first byte of the input sets the mode.  Bit 0: the machine (q35, if @machines).  Bit 1: the sizes of writes.  Bit
 * 2: the input does the negotiation.  Bit 3: a slow client.  Bit 4: the machine runs.
 */
#pragma once

#include "vt-runtime/options.h"

void fuzz_session(const VtProgram *program, bool machines, const uint8_t *bytes, size_t len);
