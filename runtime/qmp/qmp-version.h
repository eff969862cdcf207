/* SPDX-License-Identifier: MIT */
/*
 * The version that clients see.  Management layers enable features by the machine versions that they know.
 */
#pragma once

#include "vt-runtime/schema.h"

#define VT_QMP_PACKAGE "vintage-" VT_VERSION

typedef struct VtQmpVersion {
    unsigned major, minor, micro;
} VtQmpVersion;

/* The newest closed machine version, or platform version if the schema has no machines. */
VtQmpVersion vt_qmp_version(const VtSchema *schema);
