/* SPDX-License-Identifier: MIT */
#include "address.h"

VtSocketAddress
vt_char_address(const VtSocketAddressLegacy *address)
{
    VtSocketAddress flat = {.type = address->type};

    switch (address->type) {
    case VT_SOCKET_ADDRESS_TYPE_INET:
        flat.u.inet = address->u.inet.data;
        break;
    case VT_SOCKET_ADDRESS_TYPE_UNIX:
        flat.u.q_unix = address->u.q_unix.data;
        break;
    case VT_SOCKET_ADDRESS_TYPE_VSOCK:
        flat.u.vsock = address->u.vsock.data;
        break;
    default:
        flat.u.fd = address->u.fd.data;
    }
    return flat;
}
