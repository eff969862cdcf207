/* SPDX-License-Identifier: MIT */
/*
 * Probes of the types of VMs that KVM on x86 can create, queried on /dev/kvm without a VM.  Linux reports a type only
 * if the processor, its firmware and the parameters of the module support it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

/* From <linux/kvm.h> and <asm/kvm.h>; older headers lack some of them. */
#define CAP_TYPES    235
#define TYPE_SEV_SNP 4
#define TYPE_TDX     5

extern const VtProbe vt_probe_kvm_sev_snp, vt_probe_kvm_tdx;

static VtAnswer
ask_type(int type, const char *name, char **ret_detail)
{
#if defined(__x86_64__) || defined(__i386__)
    int kvm = vt_file_open("/dev/kvm", O_RDWR, VT_FILE_CHARACTER, 0, NULL), types;

    if (kvm < 0) {
        *ret_detail = g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
        return errno == ENOENT || errno == ENODEV || errno == ENXIO ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
    }
    types = ioctl(kvm, KVM_CHECK_EXTENSION, CAP_TYPES);
    close(kvm);
    /* A kernel without the capability has the default type only. */
    *ret_detail = g_strdup_printf("KVM has VM types 0x%x; %s is bit %d", types < 0 ? 0u : (unsigned)types, name, type);
    return types > 0 && types >> type & 1 ? VT_ANSWER_YES : VT_ANSWER_NO;
#else
    (void)type;
    *ret_detail = g_strdup_printf("only x86 hosts have %s", name);
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

static VtAnswer
ask_sev_snp(char **ret_detail)
{
    return ask_type(TYPE_SEV_SNP, "SEV-SNP", ret_detail);
}

static VtAnswer
ask_tdx(char **ret_detail)
{
    return ask_type(TYPE_TDX, "TDX", ret_detail);
}

const VtProbe vt_probe_kvm_sev_snp = {.ask = ask_sev_snp};
const VtProbe vt_probe_kvm_tdx = {.ask = ask_tdx};
