/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_NETTLE
#include "nettle-library.h"

VtNettle vt_nettle;

VT_LIBRARY(library, VT_SONAME_NETTLE, VT_NETTLE_FUNCTIONS(VT_LIBRARY_NAME), vt_nettle);

bool
vt_nettle_load(GError **error)
{
    return vt_library_load(&library, error);
}
#endif
