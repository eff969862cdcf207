/* SPDX-License-Identifier: MIT */
/*
 * Probes of file features, with anonymous files of this process.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vt-runtime/context.h"

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif

extern const VtProbe vt_probe_memfd_hugetlb, vt_probe_ofd_locks;

/* Requires seals, as memory backends do. A kernel with MFD_HUGETLB but without seals for it gives "no". */
static VtAnswer
ask_hugetlb(char **ret_detail)
{
    int fd = memfd_create("probe", MFD_CLOEXEC | MFD_HUGETLB | MFD_ALLOW_SEALING);

    if (fd >= 0) {
        close(fd);
        *ret_detail = g_strdup("memfd_create takes MFD_HUGETLB with seals");
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("memfd_create with MFD_HUGETLB: %s", g_strerror(errno));
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? VT_ANSWER_UNKNOWN : VT_ANSWER_NO;
}

static VtAnswer
ask_ofd_locks(char **ret_detail)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    VtAnswer answer = VT_ANSWER_YES;
    int fd = memfd_create("probe", MFD_CLOEXEC);

    if (fd < 0) {
        *ret_detail = g_strdup_printf("no test file can be created: %s", g_strerror(errno));
        return VT_ANSWER_UNKNOWN;
    }
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        *ret_detail = g_strdup_printf("F_OFD_SETLK: %s", g_strerror(errno));
        answer = errno == ENOLCK ? VT_ANSWER_UNKNOWN : VT_ANSWER_NO;
    } else {
        *ret_detail = g_strdup("F_OFD_SETLK works on a memfd");
    }
    close(fd);
    return answer;
}

const VtProbe vt_probe_memfd_hugetlb = {.ask = ask_hugetlb};
const VtProbe vt_probe_ofd_locks = {.ask = ask_ofd_locks};
