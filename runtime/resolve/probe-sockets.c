/* SPDX-License-Identifier: MIT */
/*
 * Probe of AF_XDP: creates a socket and closes it.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vt-runtime/context.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif

extern const VtProbe vt_probe_af_xdp;

static VtAnswer
ask_af_xdp(char **ret_detail)
{
    int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd >= 0) {
        close(fd);
        *ret_detail = g_strdup("an AF_XDP socket can be created");
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("socket(AF_XDP): %s", g_strerror(errno));
    switch (errno) {
    case EPERM: /* the kernel has them; this process lacks CAP_NET_RAW */
        return VT_ANSWER_YES;
    case EAFNOSUPPORT:
    case ESOCKTNOSUPPORT:
        return VT_ANSWER_NO;
    default:
        return VT_ANSWER_UNKNOWN;
    }
}

const VtProbe vt_probe_af_xdp = {.ask = ask_af_xdp};
