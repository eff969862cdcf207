/* SPDX-License-Identifier: MIT */
/*
 * The user network: its own small network, with a host, a name server and a DHCP range in it that must fit.
 */
#include <string.h>

#include "user-address.h"

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/object.h"

#define NAME_MAX_BYTES 255

/* Addresses in the network that nobody chose. */
#define HOST_OFFSET 2
#define DNS_OFFSET  3
#define SMB_OFFSET  4
#define DHCP_OFFSET 15

static bool
check_name(const char *what, const char *name, GError **error)
{
    if (name && strlen(name) > NAME_MAX_BYTES) {
        return vt_error_set(error, "%s: it has %zu bytes; at most %d", what, strlen(name), NAME_MAX_BYTES);
    }
    return true;
}

static bool
parse_or(const char *text, const char *what, uint32_t otherwise, uint32_t *ret_address, GError **error)
{
    if (!text) {
        *ret_address = otherwise;
        return true;
    }
    return vt_ipv4_parse(text, what, ret_address, error);
}

static bool
check_inside(const VtIpv4Net *net, const char *what, uint32_t address, GError **error)
{
    return vt_ipv4_net_has(net, address) || vt_error_set(error, "%s: it is not in the network", what);
}

static bool
check_forwards(const VtNetdevUser *config, const VtIpv4Net *net, uint32_t host, uint32_t dns, GError **error)
{
    for (size_t i = 0; i < config->hostfwd.n; i++) {
        if (!vt_hostfwd_check(config->hostfwd.v[i].str, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < config->guestfwd.n; i++) {
        const char *rule = config->guestfwd.v[i].str;
        uint32_t server;

        if (!vt_guestfwd_parse(rule, &server, error)) {
            return false;
        }
        if (!vt_ipv4_net_has(net, server) || server == host || server == dns) {
            return vt_error_set(error, "guestfwd: invalid rule '%s': the server is not in the network, or not free",
                                rule);
        }
    }
    return true;
}

/* 'ip' is an old way to say the network: an address in it, of 24 bits. */
static bool
parse_net(const VtNetdevUser *config, bool says_net, VtIpv4Net *ret_net, GError **error)
{
    g_autofree char *old = config->ip && !says_net ? g_strdup_printf("%s/24", config->ip) : NULL;

    return vt_ipv4_net_parse(old ? old : config->net, ret_net, error);
}

static bool
check_ipv4(const VtNetdevUser *config, bool says_net, GError **error)
{
    VtIpv4Net net;
    uint32_t host, dns, dhcp, smb;

    if (!parse_net(config, says_net, &net, error) ||
        !parse_or(config->host, "host", net.net + HOST_OFFSET, &host, error) ||
        !parse_or(config->dns, "dns", net.net + DNS_OFFSET, &dns, error) ||
        !parse_or(config->smbserver, "smbserver", net.net + SMB_OFFSET, &smb, error) ||
        !parse_or(config->dhcpstart, "dhcpstart", net.net + DHCP_OFFSET, &dhcp, error)) {
        return false;
    }
    if (!check_inside(&net, "host", host, error) || !check_inside(&net, "dhcpstart", dhcp, error) ||
        (config->q_restrict && !check_inside(&net, "dns", dns, error))) {
        return false;
    }
    if (dns == host) {
        return vt_error_set(error, "dns: it is the host's address");
    }
    if (dhcp == host || dhcp == dns) {
        return vt_error_set(error, "dhcpstart: it is the address of the host or the name server");
    }
    return check_forwards(config, &net, host, dns, error);
}

static bool
check_ipv6(const VtNetdevUser *config, GError **error)
{
    VtIpv6Net net = {.length = (unsigned)config->ipv6_prefixlen};
    struct in6_addr host, dns;

    if (!vt_ipv6_parse(config->ipv6_prefix, "ipv6-prefix", &net.net, error)) {
        return false;
    }
    host = dns = net.net;
    host.s6_addr[15] |= HOST_OFFSET;
    dns.s6_addr[15] |= DNS_OFFSET;
    if ((config->ipv6_host && !vt_ipv6_parse(config->ipv6_host, "ipv6-host", &host, error)) ||
        (config->ipv6_dns && !vt_ipv6_parse(config->ipv6_dns, "ipv6-dns", &dns, error))) {
        return false;
    }
    if (!vt_ipv6_net_has(&net, &host)) {
        return vt_error_set(error, "ipv6-host: it is not in the network");
    }
    if (memcmp(&host, &dns, sizeof(host)) == 0) {
        return vt_error_set(error, "ipv6-dns: it is the host's address");
    }
    if (config->q_restrict && !vt_ipv6_net_has(&net, &dns)) {
        return vt_error_set(error, "ipv6-dns: it is not in the network");
    }
    return true;
}

/* Whether somebody said the member, be it here or by -global. */
static bool
is_said(VtObject *object, const char *member)
{
    const VtProp *prop = vt_class_prop(vt_object_class(object), member, strlen(member));
    const VtConfig *config = vt_object_full_config(object);

    return vt_config_given(config, prop) || (!prop->timeline && vt_config_present(config, prop));
}

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    bool says_net = is_said(object, "net");
    bool says_ipv4 = is_said(object, "ipv4"), says_ipv6 = is_said(object, "ipv6");
    /* Asking for one of the two only is declining the other. */
    bool ipv4 = says_ipv4 ? config->ipv4 : !(says_ipv6 && config->ipv6);
    bool ipv6 = says_ipv6 ? config->ipv6 : !(says_ipv4 && config->ipv4);

    if (!ipv4 && !ipv6) {
        return vt_error_set(error, "ipv4 and ipv6 are both off");
    }
    if (!ipv4 && (says_net || config->ip || config->host || config->dns || config->dhcpstart)) {
        return vt_error_set(error, "ipv4 is off, but net, host, dns or dhcpstart is given");
    }
    if (!ipv6 && (is_said(object, "ipv6-prefix") || config->ipv6_host || config->ipv6_dns)) {
        return vt_error_set(error, "ipv6 is off, but ipv6-prefix, ipv6-host or ipv6-dns is given");
    }
    if (config->domainname && !*config->domainname) {
        return vt_error_set(error, "domainname: it is empty");
    }
    return check_name("hostname", config->hostname, error) && check_name("domainname", config->domainname, error) &&
           check_name("tftp-server-name", config->tftp_server_name, error) &&
           (!ipv4 || check_ipv4(config, says_net, error)) && (!ipv6 || check_ipv6(config, error));
}

const VtOps vt_ops_netdev_user = {.validate = validate};
