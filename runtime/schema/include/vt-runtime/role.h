/* SPDX-License-Identifier: MIT */
/*
 * Roles of a program's options: the runtime finds an option by what it does, and never by its name.
 */
#pragma once

#include "vt-runtime/program-table.h"

/* The option of @program with @role, not an alias; NULL: it has none.  @program may be NULL. */
const VtOption *vt_program_role(const VtProgram *program, VtRole role);
