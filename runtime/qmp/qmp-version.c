/* SPDX-License-Identifier: MIT */
#include "qmp-version.h"

VtQmpVersion
vt_qmp_version(const VtSchema *schema)
{
    VtAxis axis = vt_schema_n_versions(schema, VT_AXIS_MACHINE) ? VT_AXIS_MACHINE : VT_AXIS_PLATFORM;
    const char *name = vt_schema_version_name(schema, axis, vt_schema_newest_closed(schema, axis));
    g_auto(GStrv) parts = g_strsplit(name, ".", 3);
    unsigned numbers[3] = {0};

    for (size_t i = 0; parts[i]; i++) {
        numbers[i] = (unsigned)g_ascii_strtoull(parts[i], NULL, 10);
    }
    return (VtQmpVersion){numbers[0], numbers[1], numbers[2]};
}
