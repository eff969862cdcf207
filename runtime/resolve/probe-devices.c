/* SPDX-License-Identifier: MIT */
/*
 * Probes of features that have a device file: open the device, query it and close it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vhost.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

#define VSOCK_F_SEQPACKET 1 /* bit number in the virtio specification */

extern const VtProbe vt_probe_vhost_net, vt_probe_vhost_vsock_seqpacket, vt_probe_iommufd, vt_probe_sgx_vepc,
    vt_probe_vhost_scsi, vt_probe_vhost_vsock, vt_probe_vfio;

/* Returns a descriptor, or -1 and sets *@ret_answer. */
static int
open_device(const char *path, VtAnswer *ret_answer, char **ret_detail)
{
    int fd = vt_file_open(path, O_RDWR, VT_FILE_CHARACTER, 0, NULL);

    if (fd < 0) {
        /* A device node exists even before its module is loaded, so a failed open means "no". If resources are short,
         * the answer is unknown. */
        *ret_answer = errno == EMFILE || errno == ENFILE || errno == ENOMEM ? VT_ANSWER_UNKNOWN : VT_ANSWER_NO;
        *ret_detail = g_strdup_printf("%s: %s", path, g_strerror(errno));
    }
    return fd;
}

static VtAnswer
ask_open(const char *path, char **ret_detail)
{
    VtAnswer answer = VT_ANSWER_YES;
    int fd = open_device(path, &answer, ret_detail);

    if (fd >= 0) {
        *ret_detail = g_strdup_printf("%s can be opened", path);
        close(fd);
    }
    return answer;
}

static VtAnswer
ask_vhost_net(char **ret_detail)
{
    return ask_open("/dev/vhost-net", ret_detail);
}

static VtAnswer
ask_vhost_scsi(char **ret_detail)
{
    return ask_open("/dev/vhost-scsi", ret_detail);
}

static VtAnswer
ask_vhost_vsock(char **ret_detail)
{
    return ask_open("/dev/vhost-vsock", ret_detail);
}

static VtAnswer
ask_vfio(char **ret_detail)
{
    return ask_open("/dev/vfio/vfio", ret_detail);
}

static VtAnswer
ask_iommufd(char **ret_detail)
{
    return ask_open("/dev/iommu", ret_detail);
}

static VtAnswer
ask_sgx_vepc(char **ret_detail)
{
#if defined(__x86_64__) || defined(__i386__)
    return ask_open("/dev/sgx_vepc", ret_detail);
#else
    *ret_detail = g_strdup("only x86 hosts have SGX");
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

static VtAnswer
ask_seqpacket(char **ret_detail)
{
    VtAnswer answer = VT_ANSWER_NO;
    uint64_t features = 0;
    int fd = open_device("/dev/vhost-vsock", &answer, ret_detail);

    if (fd < 0) {
        return answer;
    }
    if (ioctl(fd, VHOST_GET_FEATURES, &features) < 0) {
        *ret_detail = g_strdup_printf("VHOST_GET_FEATURES of /dev/vhost-vsock: %s", g_strerror(errno));
        answer = VT_ANSWER_UNKNOWN;
    } else {
        *ret_detail = g_strdup_printf("/dev/vhost-vsock has features 0x%" PRIx64, features);
        answer = features >> VSOCK_F_SEQPACKET & 1 ? VT_ANSWER_YES : VT_ANSWER_NO;
    }
    close(fd);
    return answer;
}

const VtProbe vt_probe_vhost_net = {.ask = ask_vhost_net};
const VtProbe vt_probe_vhost_scsi = {.ask = ask_vhost_scsi};
const VtProbe vt_probe_vhost_vsock = {.ask = ask_vhost_vsock};
const VtProbe vt_probe_vfio = {.ask = ask_vfio};
const VtProbe vt_probe_vhost_vsock_seqpacket = {.ask = ask_seqpacket};
const VtProbe vt_probe_iommufd = {.ask = ask_iommufd};
const VtProbe vt_probe_sgx_vepc = {.ask = ask_sgx_vepc};
