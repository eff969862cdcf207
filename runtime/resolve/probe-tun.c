/* SPDX-License-Identifier: MIT */
/*
 * Probes of the offloads of TAP devices.
 *
 * TUNGETFEATURES does not report offloads: the kernel checks them with TUNSETOFFLOAD on an attached interface only. A
 * child process therefore creates a TAP interface in its own network namespace, which no other process uses. The
 * interface disappears when the child exits.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <linux/if_tun.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

/* From <linux/if_tun.h>; headers before Linux 6.2 (USO) and 6.17 (tunnels) lack them. */
#define OFFLOAD_USO4            0x20
#define OFFLOAD_USO6            0x40
#define OFFLOAD_UDP_TUNNEL      0x80
#define OFFLOAD_UDP_TUNNEL_CSUM 0x100

extern const VtProbe vt_probe_tun_uso, vt_probe_tun_udp_tunnel;

typedef struct Offloads {
    unsigned flags; /* flags for TUNSETOFFLOAD */
    const char *names;
} Offloads;

enum { STEP_NONE, STEP_NAMESPACE, STEP_OPEN, STEP_ATTACH, STEP_OFFLOAD, N_STEPS };

static const char *const step_names[N_STEPS] = {
    [STEP_NAMESPACE] = "network namespace",
    [STEP_OPEN] = "/dev/net/tun",
    [STEP_ATTACH] = "TUNSETIFF",
    [STEP_OFFLOAD] = "TUNSETOFFLOAD",
};

typedef struct Report {
    int step;  /* the failed step */
    int error; /* errno of the failed step */
} Report;

/* Runs in the child. Uses system calls only, because the parent may have threads. */
static Report
try_offload(unsigned flags)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int tun;

    /* In a new user namespace, an unprivileged process may create a network namespace. A privileged process does not
     * need it. */
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 && unshare(CLONE_NEWNET) < 0) {
        return (Report){STEP_NAMESPACE, errno};
    }
    tun = vt_file_open("/dev/net/tun", O_RDWR, VT_FILE_CHARACTER, 0, NULL);
    if (tun < 0) {
        return (Report){STEP_OPEN, errno};
    }
    if (ioctl(tun, TUNSETIFF, &request) < 0) {
        return (Report){STEP_ATTACH, errno};
    }
    if (ioctl(tun, TUNSETOFFLOAD, (unsigned long)flags) < 0) {
        return (Report){STEP_OFFLOAD, errno};
    }
    return (Report){STEP_NONE, 0};
}

static void *
reap(void *child)
{
    while (waitpid(GPOINTER_TO_INT(child), NULL, 0) < 0 && errno == EINTR) {
    }
    return NULL;
}

/* The kernel takes tens of milliseconds to remove the network namespace, when the child has reported and ends. */
static void
reap_later(pid_t child)
{
    GThread *thread = g_thread_try_new("reap", reap, GINT_TO_POINTER(child), NULL);

    if (thread) {
        g_thread_unref(thread);
    } else {
        reap(GINT_TO_POINTER(child));
    }
}

static bool
ask_child(unsigned flags, Report *ret_report)
{
    int ends[2];
    pid_t child;
    ssize_t got;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        return false;
    }
    child = fork();
    if (child == 0) {
        Report report = try_offload(flags);
        ssize_t put = write(ends[1], &report, sizeof(report));

        _exit(put == (ssize_t)sizeof(report) ? 0 : 1);
    }
    close(ends[1]);
    do {
        got = child < 0 ? -1 : read(ends[0], ret_report, sizeof(*ret_report));
    } while (child > 0 && got < 0 && errno == EINTR);
    close(ends[0]);
    if (child > 0) {
        reap_later(child);
    }
    return got == (ssize_t)sizeof(*ret_report);
}

static VtAnswer
ask_tun(const Offloads *offloads, char **ret_detail)
{
    Report report = {STEP_NONE, 0};

    if (access("/dev/net/tun", F_OK) < 0 && errno == ENOENT) {
        *ret_detail = g_strdup("/dev/net/tun does not exist");
        return VT_ANSWER_NO;
    }
    if (!ask_child(offloads->flags, &report)) {
        *ret_detail = g_strdup("the probe cannot start a process");
        return VT_ANSWER_UNKNOWN;
    }
    if (report.step == STEP_NONE) {
        *ret_detail = g_strdup_printf("TUNSETOFFLOAD takes %s", offloads->names);
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("%s for %s: %s", step_names[report.step], offloads->names, g_strerror(report.error));
    if ((report.step == STEP_OFFLOAD && report.error == EINVAL) ||
        (report.step == STEP_OPEN && (report.error == ENODEV || report.error == ENXIO))) {
        return VT_ANSWER_NO;
    }
    return VT_ANSWER_UNKNOWN;
}

static VtAnswer
ask_uso(char **ret_detail)
{
    static const Offloads offloads = {TUN_F_CSUM | OFFLOAD_USO4 | OFFLOAD_USO6, "TUN_F_USO4 and TUN_F_USO6"};

    return ask_tun(&offloads, ret_detail);
}

/* The kernel accepts the tunnel flags only together with the TSO flags. */
static VtAnswer
ask_udp_tunnel(char **ret_detail)
{
    static const Offloads offloads = {
        TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | OFFLOAD_UDP_TUNNEL | OFFLOAD_UDP_TUNNEL_CSUM,
        "TUN_F_UDP_TUNNEL_GSO and TUN_F_UDP_TUNNEL_GSO_CSUM",
    };

    return ask_tun(&offloads, ret_detail);
}

const VtProbe vt_probe_tun_uso = {.ask = ask_uso};
const VtProbe vt_probe_tun_udp_tunnel = {.ask = ask_udp_tunnel};
