/* SPDX-License-Identifier: MIT */
/*
 * Probes of memory features: seals, sizes of huge pages, page faults in user space.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

#define HUGE_PAGES "/sys/kernel/mm/hugepages"

extern const VtProbe vt_probe_memfd_seals, vt_probe_huge_pages_1g, vt_probe_userfaultfd, vt_probe_userfaultfd_wp;

static bool
is_short(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOMEM;
}

static VtAnswer
ask_seals(char **ret_detail)
{
    int fd = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING), number;

    if (fd >= 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0) {
        *ret_detail = g_strdup("F_ADD_SEALS works on a memfd");
        close(fd);
        return VT_ANSWER_YES;
    }
    number = errno;
    *ret_detail = g_strdup_printf("%s: %s", fd < 0 ? "memfd_create" : "F_ADD_SEALS", g_strerror(number));
    if (fd >= 0) {
        close(fd);
    }
    return is_short(number) ? VT_ANSWER_UNKNOWN : VT_ANSWER_NO;
}

/* The kernel has a directory for each size, also while no page of it is reserved. */
static VtAnswer
ask_1g(char **ret_detail)
{
    struct stat about;

    if (stat(HUGE_PAGES "/hugepages-1048576kB", &about) == 0) {
        *ret_detail = g_strdup(HUGE_PAGES " has hugepages-1048576kB");
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf(HUGE_PAGES "/hugepages-1048576kB: %s", g_strerror(errno));
    /* Without /sys, the sizes are not known. */
    return stat("/sys/kernel/mm", &about) == 0 ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
}

/* A descriptor of userfaultfd; -1 with errno.  /dev/userfaultfd (Linux 6.1) serves users that the sysctl excludes. */
static int
open_userfaultfd(void)
{
    int device, number, fd = (int)syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0 || errno != EPERM) {
        return fd;
    }
    device = vt_file_open("/dev/userfaultfd", O_RDWR, VT_FILE_CHARACTER, 0, NULL);
    if (device < 0) {
        errno = EPERM;
        return -1;
    }
    fd = ioctl(device, _IO(0xAA, 0), O_CLOEXEC | O_NONBLOCK); /* USERFAULTFD_IOC_NEW */
    number = errno;
    close(device);
    errno = number;
    return fd;
}

/* @wanted: features that the kernel must report; 0: none. */
static VtAnswer
ask_faults(uint64_t wanted, char **ret_detail)
{
    struct uffdio_api api = {.api = UFFD_API};
    VtAnswer answer = VT_ANSWER_NO;
    int fd = open_userfaultfd();

    if (fd < 0) {
        *ret_detail = g_strdup_printf("userfaultfd: %s", g_strerror(errno));
        return is_short(errno) ? VT_ANSWER_UNKNOWN : VT_ANSWER_NO;
    }
    if (ioctl(fd, UFFDIO_API, &api) < 0) {
        *ret_detail = g_strdup_printf("UFFDIO_API: %s", g_strerror(errno));
    } else {
        *ret_detail = g_strdup_printf("userfaultfd has features 0x%" PRIx64, (uint64_t)api.features);
        answer = (api.features & wanted) == wanted ? VT_ANSWER_YES : VT_ANSWER_NO;
    }
    close(fd);
    return answer;
}

static VtAnswer
ask_userfaultfd(char **ret_detail)
{
    return ask_faults(0, ret_detail);
}

static VtAnswer
ask_userfaultfd_wp(char **ret_detail)
{
    return ask_faults(UFFD_FEATURE_PAGEFAULT_FLAG_WP, ret_detail);
}

const VtProbe vt_probe_memfd_seals = {.ask = ask_seals};
const VtProbe vt_probe_huge_pages_1g = {.ask = ask_1g};
const VtProbe vt_probe_userfaultfd = {.ask = ask_userfaultfd};
const VtProbe vt_probe_userfaultfd_wp = {.ask = ask_userfaultfd_wp};
