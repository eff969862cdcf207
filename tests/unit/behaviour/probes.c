/* SPDX-License-Identifier: MIT */
/* Results of probes depend on the host.  Each probe must report a detail and leak nothing. */
#include <sys/wait.h>

#include "vt-runtime/context.h"
#include "vt-test.h"

extern const VtProbe vt_probe_kvm_sev_init2, vt_probe_tun_uso, vt_probe_io_uring, vt_probe_memfd_seals,
    vt_probe_huge_pages_1g, vt_probe_userfaultfd, vt_probe_userfaultfd_wp, vt_probe_sgx_vepc, vt_probe_af_xdp,
    vt_probe_kvm_sev_snp, vt_probe_kvm_tdx;

#define CHILD_MS 20000 /* longer than any child needs to end */

static unsigned
count_files(void)
{
    g_autoptr(GDir) files = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(files)) {
        n++;
    }
    return n;
}

static void
ask(const VtProbe *probe)
{
    unsigned before = count_files();
    g_autofree char *detail = NULL;
    VtAnswer answer = probe->ask(&detail);

    g_assert_cmpint(answer, <=, VT_ANSWER_NOT_APPLICABLE);
    g_assert_nonnull(detail);
    g_test_message("%s: %s", vt_answer_name(answer), detail);
    g_assert_cmpuint(count_files(), ==, before);
    /* The child of a probe ends after its report; a thread waits for it. */
    for (unsigned i = 0; waitpid(-1, NULL, WNOHANG) >= 0; i++) {
        g_assert_cmpuint(i, <, CHILD_MS);
        g_usleep(1000);
    }
}

VT_TEST(sev_init2_leaves_nothing_behind, "/probes/sev-init2")
{
    ask(&vt_probe_kvm_sev_init2);
}

VT_TEST(tun_uso_leaves_nothing_behind, "/probes/tun-uso")
{
    ask(&vt_probe_tun_uso);
}

VT_TEST(io_uring_leaves_nothing_behind, "/probes/io-uring")
{
    ask(&vt_probe_io_uring);
}

VT_TEST(probes_of_memory_leave_nothing_behind, "/probes/memory")
{
    ask(&vt_probe_memfd_seals);
    ask(&vt_probe_huge_pages_1g);
    ask(&vt_probe_userfaultfd);
    ask(&vt_probe_userfaultfd_wp);
    ask(&vt_probe_sgx_vepc);
}

VT_TEST(other_probes_leave_nothing_behind, "/probes/other")
{
    ask(&vt_probe_af_xdp);
    ask(&vt_probe_kvm_sev_snp);
    ask(&vt_probe_kvm_tdx);
}
