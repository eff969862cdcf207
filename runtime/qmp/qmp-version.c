/* SPDX-License-Identifier: MIT */
#include "qmp-version.h"

#include <stdio.h>

VtQmpVersion
vt_qmp_version(const VtSchema *schema)
{
    VtAxis axis = vt_schema_n_versions(schema, VT_AXIS_MACHINE) ? VT_AXIS_MACHINE : VT_AXIS_PLATFORM;
    const char *name = vt_schema_version_name(schema, axis, vt_schema_newest_closed(schema, axis));
    VtQmpVersion version = {0, 0, 0};

    sscanf(name, "%u.%u.%u", &version.major, &version.minor, &version.micro);
    return version;
}
