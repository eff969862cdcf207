/* SPDX-License-Identifier: MIT */
#include "tap-open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"

#define DEVICE "/dev/net/tun"

/* Disables all offloads: no part of this process segments frames or computes checksums.  A kernel without an offload
 * has none to disable. */
static unsigned
settle_header(int fd, bool header)
{
    int size = sizeof(struct virtio_net_hdr);

    ioctl(fd, TUNSETOFFLOAD, 0);
    if (!header) {
        return 0;
    }
    ioctl(fd, TUNGETVNETHDRSZ, &size);
    return (unsigned)size;
}

static bool
set_interface(int fd, const char *name, bool many_queues, VtTapHeader header, VtTapInfo *ret_info, GError **error)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    unsigned features = 0;

    ioctl(fd, TUNGETFEATURES, &features);
    if (header == VT_TAP_HEADER_YES && !(features & IFF_VNET_HDR)) {
        return vt_error_set(error, "vnet_hdr: the host's kernel does not support it");
    }
    if (many_queues && !(features & IFF_MULTI_QUEUE)) {
        return vt_error_set(error, "queues: the host's kernel does not support several queues");
    }
    request.ifr_flags |= (short)(many_queues ? IFF_MULTI_QUEUE : 0);
    request.ifr_flags |= (short)(header == VT_TAP_HEADER_NO ? 0 : features & IFF_VNET_HDR);
    if (name) {
        g_strlcpy(request.ifr_name, name, sizeof request.ifr_name);
    }
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        return vt_error_set(error, "ifname: '%s': %s", name ? name : "", g_strerror(errno));
    }
    g_strlcpy(ret_info->name, request.ifr_name, sizeof ret_info->name);
    ret_info->header_size = settle_header(fd, request.ifr_flags & IFF_VNET_HDR);
    return true;
}

int
vt_tap_open(const char *name, bool many_queues, VtTapHeader header, VtTapInfo *ret_info, GError **error)
{
    const char *why;
    int fd = vt_file_open(DEVICE, O_RDWR | O_NONBLOCK, VT_FILE_CHARACTER, 0, &why);

    if (fd < 0) {
        vt_error_set(error, "%s: %s", DEVICE, why);
    } else if (!set_interface(fd, name, many_queues, header, ret_info, error)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool
vt_tap_adopt(int fd, const char *what, VtTapInfo *ret_info, GError **error)
{
    struct ifreq request = {.ifr_flags = 0};

    if (ioctl(fd, TUNGETIFF, &request) < 0 || !(request.ifr_flags & IFF_TAP)) {
        return vt_error_set(error, "%s: file descriptor %d is not a TAP interface", what, fd);
    }
    if (!(request.ifr_flags & IFF_NO_PI)) {
        return vt_error_set(error, "%s: interface '%s' adds packet information to frames; open it with IFF_NO_PI", what,
                            request.ifr_name);
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    g_strlcpy(ret_info->name, request.ifr_name, sizeof ret_info->name);
    ret_info->header_size = settle_header(fd, request.ifr_flags & IFF_VNET_HDR);
    return true;
}

bool
vt_tap_limit(int fd, uint64_t bytes)
{
    int limit = bytes && bytes < INT_MAX ? (int)bytes : INT_MAX;

    return ioctl(fd, TUNSETSNDBUF, &limit) == 0;
}
