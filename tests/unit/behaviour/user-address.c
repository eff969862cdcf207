/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>

#include "../../../backends/net/user-address.h"

#include "vt-test.h"

static void
net(VtIpv4Network network, uint32_t address, uint32_t mask)
{
    VtIpv4Net got = vt_ipv4_net(&network);

    g_assert_cmphex(got.net, ==, address);
    g_assert_cmphex(got.mask, ==, mask);
}

VT_TEST(a_network_is_an_address_and_a_mask, "/net/user/network")
{
    net((VtIpv4Network){.address = 0x0a000207, .prefix = 24}, 0x0a000200, 0xffffff00);
    net((VtIpv4Network){.address = 0x01020304, .prefix = 32}, 0x01020304, 0xffffffff);
    net((VtIpv4Network){.address = 0x0a000001, .mask = 0xffff0000}, 0x0a000000, 0xffff0000);
    net((VtIpv4Network){.address = 0x0a010203}, 0x0a000000, 0xff000000);
    net((VtIpv4Network){.address = 0xac110203}, 0xac100000, 0xfff00000);
    net((VtIpv4Network){.address = 0x80010203}, 0x80010000, 0xffff0000);
    net((VtIpv4Network){.address = 0xc0a80102}, 0xc0a80000, 0xffff0000);
    net((VtIpv4Network){.address = 0xc8010102}, 0xc8010100, 0xfffffff0);
    net((VtIpv4Network){.address = 0xe1010102}, 0xe1010100, 0xffffff00);
    g_assert_true(vt_ipv4_is_mask(0xffff0000) && vt_ipv4_is_mask(0));
    g_assert_false(vt_ipv4_is_mask(0xff00ff00));
}

VT_TEST(ipv6_networks_end_at_any_bit, "/net/user/ipv6")
{
    VtIpv6Net of = {.length = 61};
    struct in6_addr address;

    g_assert_true(inet_pton(AF_INET6, "fec0:0:0:8::", &of.net) == 1);
    g_assert_true(inet_pton(AF_INET6, "fec0:0:0:f::2", &address) == 1);
    g_assert_true(vt_ipv6_net_has(&of, &address));
    g_assert_true(inet_pton(AF_INET6, "fec0:0:0:10::2", &address) == 1);
    g_assert_false(vt_ipv6_net_has(&of, &address));
}
