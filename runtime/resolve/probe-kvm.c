/* SPDX-License-Identifier: MIT */
/*
 * Probe of KVM_SEV_INIT2.
 *
 * The probe queries /dev/kvm, without a VM. Linux 6.10 added the attribute group of SEV together with the command. The
 * VM types state whether the processor and the firmware support SEV guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

/* From <asm/kvm.h> and <linux/kvm.h>; headers before Linux 6.10 lack them. */
#define CAP_SYS_ATTRIBUTES     209
#define CAP_VM_TYPES           235
#define GRP_SEV                1
#define ATTR_SEV_VMSA_FEATURES 0
#define VM_TYPE_SEV            2

extern const VtProbe vt_probe_kvm_sev_init2;

static VtAnswer
ask_kvm(int kvm, char **ret_detail)
{
    const struct kvm_device_attr attr = {.group = GRP_SEV, .attr = ATTR_SEV_VMSA_FEATURES};
    int types;

    if (ioctl(kvm, KVM_CHECK_EXTENSION, CAP_SYS_ATTRIBUTES) <= 0) {
        *ret_detail = g_strdup("KVM has no system attributes (before Linux 5.17)");
        return VT_ANSWER_NO;
    }
    if (ioctl(kvm, KVM_HAS_DEVICE_ATTR, &attr) < 0) {
        *ret_detail = g_strdup_printf("KVM_X86_GRP_SEV: %s (needs Linux 6.10 and kvm_amd)", g_strerror(errno));
        return VT_ANSWER_NO;
    }
    types = ioctl(kvm, KVM_CHECK_EXTENSION, CAP_VM_TYPES);
    if (types < 0 || !(types & (1 << VM_TYPE_SEV))) {
        *ret_detail = g_strdup_printf("KVM has KVM_SEV_INIT2, but no SEV guests (VM types 0x%x)",
                                      types < 0 ? 0u : (unsigned)types);
        return VT_ANSWER_NO;
    }
    *ret_detail = g_strdup_printf("KVM has KVM_X86_SEV_VMSA_FEATURES and VM types 0x%x", (unsigned)types);
    return VT_ANSWER_YES;
}

static VtAnswer
ask_sev_init2(char **ret_detail)
{
#if defined(__x86_64__) || defined(__i386__)
    VtAnswer answer;
    int kvm = vt_file_open("/dev/kvm", O_RDWR, VT_FILE_CHARACTER, 0, NULL);

    if (kvm < 0) {
        /* If the device does not exist, there is no KVM. If opening fails for another reason, the answer is unknown. */
        answer = errno == ENOENT || errno == ENODEV || errno == ENXIO ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
        *ret_detail = g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
        return answer;
    }
    answer = ask_kvm(kvm, ret_detail);
    close(kvm);
    return answer;
#else
    *ret_detail = g_strdup("only x86 hosts have SEV");
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

const VtProbe vt_probe_kvm_sev_init2 = {.ask = ask_sev_init2};
