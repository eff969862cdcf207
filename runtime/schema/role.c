/* SPDX-License-Identifier: MIT */
/*
 * Roles of a program's options.
 */
#include "vt-runtime/role.h"

const VtOption *
vt_program_role(const VtProgram *program, VtRole role)
{
    for (uint32_t i = 0; program && i < program->n_options; i++) {
        if (program->options[i].role == role) {
            return &program->options[i];
        }
    }
    return NULL;
}
