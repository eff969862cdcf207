/* SPDX-License-Identifier: MIT */
/*
 * Probes of KVM capabilities, queried with KVM_CHECK_EXTENSION on /dev/kvm, without a VM.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

/* From <linux/kvm.h>; older headers lack some of them. */
#define CAP_SPLIT_IRQCHIP              121
#define CAP_DIRTY_LOG_RING             192
#define CAP_DIRTY_LOG_RING_ACQ_REL     223
#define CAP_ARM_EAGER_SPLIT_CHUNK_SIZE 228

extern const VtProbe vt_probe_kvm_split_irqchip, vt_probe_kvm_dirty_ring, vt_probe_kvm_eager_split;

typedef struct Capability {
    int number;
    const char *name;
} Capability;

/* Returns "yes" if KVM has any of @capabilities, which is 0-terminated. */
static VtAnswer
ask(const Capability *capabilities, char **ret_detail)
{
    VtAnswer answer = VT_ANSWER_NO;
    int kvm = vt_file_open("/dev/kvm", O_RDWR, VT_FILE_CHARACTER, 0, NULL);

    if (kvm < 0) {
        /* If the device does not exist, there is no KVM. If opening fails for another reason, the answer is unknown. */
        answer = errno == ENOENT || errno == ENODEV || errno == ENXIO ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
        *ret_detail = g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
        return answer;
    }
    for (const Capability *each = capabilities; each->number; each++) {
        int value = ioctl(kvm, KVM_CHECK_EXTENSION, each->number);

        g_free(*ret_detail);
        *ret_detail = g_strdup_printf("KVM_CAP_%s is %d", each->name, value);
        if (value > 0) {
            answer = VT_ANSWER_YES;
            break;
        }
    }
    close(kvm);
    return answer;
}

static VtAnswer
ask_split_irqchip(char **ret_detail)
{
#if defined(__x86_64__) || defined(__i386__)
    static const Capability capabilities[] = {{CAP_SPLIT_IRQCHIP, "SPLIT_IRQCHIP"}, {0, NULL}};

    return ask(capabilities, ret_detail);
#else
    *ret_detail = g_strdup("only x86 hosts have a split interrupt controller");
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

static VtAnswer
ask_dirty_ring(char **ret_detail)
{
    /* A host with weak memory ordering has only the first, or neither. */
    static const Capability capabilities[] = {
        {CAP_DIRTY_LOG_RING_ACQ_REL, "DIRTY_LOG_RING_ACQ_REL"},
        {CAP_DIRTY_LOG_RING, "DIRTY_LOG_RING"},
        {0, NULL},
    };

    return ask(capabilities, ret_detail);
}

static VtAnswer
ask_eager_split(char **ret_detail)
{
#if defined(__aarch64__)
    static const Capability capabilities[] = {
        {CAP_ARM_EAGER_SPLIT_CHUNK_SIZE, "ARM_EAGER_SPLIT_CHUNK_SIZE"},
        {0, NULL},
    };

    return ask(capabilities, ret_detail);
#else
    *ret_detail = g_strdup("only Arm hosts have eager page splitting");
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

const VtProbe vt_probe_kvm_split_irqchip = {.ask = ask_split_irqchip};
const VtProbe vt_probe_kvm_dirty_ring = {.ask = ask_dirty_ring};
const VtProbe vt_probe_kvm_eager_split = {.ask = ask_eager_split};
