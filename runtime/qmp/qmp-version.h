/* SPDX-License-Identifier: MIT */
/*
 * The version told to clients: management layers gate on the machine versions they know.
 */
#pragma once

#include "vt-runtime/schema.h"

#define VT_QMP_PACKAGE "vintage-" VT_VERSION

typedef struct VtQmpVersion {
    unsigned major, minor, micro;
} VtQmpVersion;

/* That of the newest closed machine version; of the platform's where there are no machines. */
VtQmpVersion vt_qmp_version(const VtSchema *schema);
