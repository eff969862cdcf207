/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>

#include "../../../backends/net/user-address.h"

#include "vt-test.h"

static void
net(const char *text, uint32_t address, uint32_t mask)
{
    g_autoptr(GError) error = NULL;
    VtIpv4Net got;

    if (!mask) {
        g_assert_false(vt_ipv4_net_parse(text, &got, &error));
        g_assert_nonnull(error);
        return;
    }
    g_assert_true(vt_ipv4_net_parse(text, &got, &error));
    g_assert_cmphex(got.net, ==, address);
    g_assert_cmphex(got.mask, ==, mask);
}

VT_TEST(a_network_is_an_address_and_a_mask, "/net/user/network")
{
    net("10.0.2.0/24", 0x0a000200, 0xffffff00);
    net("10.0.2.7/24", 0x0a000200, 0xffffff00);
    net("10.0.0.0", 0x0a000000, 0xff000000);
    net("172.16.0.0", 0xac100000, 0xffff0000);
    net("192.168.1.0", 0xc0a80100, 0xffffff00);
    net("10.0.0.0/255.255.0.0", 0x0a000000, 0xffff0000);
    net("1.2.3.4/32", 0x01020304, 0xffffffff);
    net("10.0.0.0/33", 0, 0);
    net("10.0.0.0/3", 0, 0);
    net("10.0.0.0/", 0, 0);
    net("10.0.0.0/255.0.255.0", 0, 0);
    net("zz", 0, 0);
}

VT_TEST(ipv6_networks_end_at_any_bit, "/net/user/ipv6")
{
    VtIpv6Net of = {.length = 61};
    struct in6_addr address;

    g_assert_true(vt_ipv6_parse("fec0:0:0:8::", "ipv6-net", &of.net, NULL));
    g_assert_true(vt_ipv6_parse("fec0:0:0:f::2", "ipv6-host", &address, NULL));
    g_assert_true(vt_ipv6_net_has(&of, &address));
    g_assert_true(vt_ipv6_parse("fec0:0:0:10::2", "ipv6-host", &address, NULL));
    g_assert_false(vt_ipv6_net_has(&of, &address));
    g_assert_false(vt_ipv6_parse("1.2.3.4", "ipv6-host", &address, NULL));
}
