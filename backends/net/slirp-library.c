/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_SLIRP
#include "slirp-library.h"

#define NAME(name) "slirp_" #name "\0"

VtSlirp vt_slirp;

VT_LIBRARY(library, VT_SONAME_SLIRP, VT_SLIRP_FUNCTIONS(NAME), vt_slirp);

bool
vt_slirp_load(GError **error)
{
    return vt_library_load(&library, error);
}
#endif
