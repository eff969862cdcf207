/* SPDX-License-Identifier: MIT */
/*
 * Addresses of multicast groups.
 */
#include <arpa/inet.h>
#include <string.h>

#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"

/* A host name is resolved when the backend joins the group, and is not checked before. */
static char *
normalise(const char *text, GError **error)
{
    const char *port = strrchr(text, ':');
    g_autofree char *host = port ? g_strndup(text, (gsize)(port - text)) : NULL;
    struct in_addr address;

    if (!port || !port[1]) {
        vt_error_set(error, "expected ADDRESS:PORT, got '%s'", text);
        return NULL;
    }
    if (inet_pton(AF_INET, host, &address) == 1 && !IN_MULTICAST(ntohl(address.s_addr))) {
        vt_error_set(error, "'%s' is no multicast address; expected 224.0.0.0 to 239.255.255.255", host);
        return NULL;
    }
    return g_strdup(text);
}

const VtCodec vt_codec_multicast_group = {.normalise = normalise};
