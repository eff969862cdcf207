/* SPDX-License-Identifier: MIT */
/*
 * Probes that read what /sys says of drivers and modules.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "vt-runtime/context.h"
#include "vt-runtime/open-file.h"

#define PARAMETER_MAX 16

extern const VtProbe vt_probe_vhost_vdpa, vt_probe_kvm_nested;

/* Without @parent, the host does not say; with it, @path decides. */
static VtAnswer
ask_path(const char *path, const char *parent, char **ret_detail)
{
    if (access(path, F_OK) == 0) {
        *ret_detail = g_strdup_printf("%s exists", path);
        return VT_ANSWER_YES;
    }
    *ret_detail = g_strdup_printf("%s: %s", path, g_strerror(errno));
    return access(parent, F_OK) == 0 ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
}

static VtAnswer
ask_vhost_vdpa(char **ret_detail)
{
    return ask_path("/sys/bus/vdpa/drivers/vhost_vdpa", "/sys/bus", ret_detail);
}

static VtAnswer
ask_kvm_nested(char **ret_detail)
{
#if defined(__x86_64__) || defined(__i386__)
    static const char *const parameters[] = {"/sys/module/kvm_intel/parameters/nested",
                                             "/sys/module/kvm_amd/parameters/nested"};

    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++) {
        size_t len;
        g_autofree char *text = vt_file_read(parameters[i], PARAMETER_MAX, &len, NULL);

        if (text) {
            g_strchomp(text);
            *ret_detail = g_strdup_printf("%s is %s", parameters[i], text);
            return strcmp(text, "Y") == 0 || strcmp(text, "1") == 0 ? VT_ANSWER_YES : VT_ANSWER_NO;
        }
    }
    *ret_detail = g_strdup("neither kvm_intel nor kvm_amd has the parameter nested");
    return access("/sys/module", F_OK) == 0 && access("/dev/kvm", F_OK) < 0 ? VT_ANSWER_NO : VT_ANSWER_UNKNOWN;
#else
    *ret_detail = g_strdup("only x86 hosts have the parameter nested");
    return VT_ANSWER_NOT_APPLICABLE;
#endif
}

const VtProbe vt_probe_vhost_vdpa = {.ask = ask_vhost_vdpa};
const VtProbe vt_probe_kvm_nested = {.ask = ask_kvm_nested};
