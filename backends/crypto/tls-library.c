/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-library.h"

#define NAME(name) "gnutls_" #name "\0"

VtGnutls vt_gnutls;

static const VtLibrary library = {VT_SONAME_GNUTLS, VT_GNUTLS_FUNCTIONS(NAME), &vt_gnutls, sizeof vt_gnutls};

bool
vt_gnutls_load(GError **error)
{
    return vt_library_load(&library, error);
}
#endif
