/* SPDX-License-Identifier: MIT */
/*
 * vhost-vsock: what 'auto' comes to.  The platform has promised it: nothing of the host is asked here.
 */
#include "vt-gen/hw.h"

VtOnOffAuto
vt_derive_vhost_vsock_seqpacket(void)
{
    return VT_ON_OFF_AUTO_ON;
}
