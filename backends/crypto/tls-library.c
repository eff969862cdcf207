/* SPDX-License-Identifier: MIT */
#ifdef CONFIG_GNUTLS
#include "tls-library.h"

#include <string.h>

#define NAME(name) "gnutls_" #name "\0"

VtGnutls vt_gnutls;

VT_LIBRARY(library, VT_SONAME_GNUTLS, VT_GNUTLS_FUNCTIONS(NAME), vt_gnutls);

bool
vt_gnutls_load(GError **error)
{
    return vt_library_load(&library, error);
}

const char *
vt_gnutls_why(int status)
{
    g_autofree char *phrase = NULL;

    switch (status) {
    case GNUTLS_E_BASE64_DECODING_ERROR:
    case GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR:
        return "the file is not PEM, or contains another type of object";
    default:
        /* GnuTLS describes its errors in sentences. */
        phrase = g_strdup(vt_gnutls.strerror(status));
        if (g_str_has_suffix(phrase, ".")) {
            phrase[strlen(phrase) - 1] = 0;
        }
        return g_intern_string(phrase);
    }
}
#endif
