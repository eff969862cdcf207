/* SPDX-License-Identifier: MIT */
/*
 * vhost-vsock: the meaning of 'auto'.  The platform version guarantees the feature, so the host is not probed.
 */
#include "vt-gen/hw.h"

VtOnOffAuto
vt_derive_vhost_vsock_seqpacket(void)
{
    return VT_ON_OFF_AUTO_ON;
}
