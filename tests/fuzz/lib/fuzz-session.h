/* SPDX-License-Identifier: MIT */
/*
 * One QMP session of a program, made and ended for each input.
 *
 * The input's first byte says how it goes: bit 0 the machine (q35, where @machines), bit 1 the pieces that its bytes
 * come in, bit 2 whether negotiation is left to the input, bit 3 a client that reads slowly, bit 4 a machine that runs.
 */
#pragma once

#include "vt-runtime/options.h"

void fuzz_session(const VtProgram *program, bool machines, const uint8_t *bytes, size_t len);
