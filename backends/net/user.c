/* SPDX-License-Identifier: MIT */
/*
 * The user network: a virtual network with a host address, a name server and a DHCP range inside it.
 */
#include <arpa/inet.h>
#include <string.h>

#include "cable.h"
#include "user.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#define NAME_MAX_BYTES 255

/* Default addresses in the network. */
#define HOST_OFFSET 2
#define DNS_OFFSET  3
#define DHCP_OFFSET 15

static bool
check_name(const char *what, const char *name, GError **error)
{
    if (name && strlen(name) > NAME_MAX_BYTES) {
        return vt_error_set(error, "%s: has %zu bytes; expected at most %d", what, strlen(name), NAME_MAX_BYTES);
    }
    return true;
}

/* @text may be NULL. */
static uint32_t
address_or(const VtObject *object, const char *text, uint32_t otherwise)
{
    g_autoptr(VtForm) form = text ? vt_object_form(object, &vt_codec_ipv4_host_text, text) : NULL;

    return form ? ((const VtIpv4Host *)form->settings)->address : otherwise;
}

static bool
check_inside(const VtIpv4Net *net, const char *what, uint32_t address, GError **error)
{
    return vt_ipv4_net_has(net, address) || vt_error_set(error, "%s: the address is not in the network", what);
}

VtForm *
vt_user_guest_forward(const VtObject *object, size_t index)
{
    const VtNetdevUser *config = vt_object_config(object);

    return vt_object_form(object, &vt_codec_guest_forward_rule, config->guestfwd.v[index].str);
}

static bool
check_forwards(const VtObject *object, const VtUserNet *net, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);

    for (size_t i = 0; i < config->guestfwd.n; i++) {
        const char *text = config->guestfwd.v[i].str;
        g_autoptr(VtForm) form = vt_user_guest_forward(object, i);
        const VtGuestForward *rule = form->settings;

        if (!vt_ipv4_net_has(&net->net, rule->server) || rule->server == net->host || rule->server == net->dns) {
            return vt_error_set(error, "guestfwd: '%s': the server is not in the network, or is in use", text);
        }
    }
    return true;
}

/* 'ip' is the old form of 'net': an address in a 24-bit network. */
static bool
settle_net(const VtObject *object, bool says_net, VtIpv4Net *ret_net, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    g_autofree char *old = config->ip && !says_net ? g_strdup_printf("%s/24", config->ip) : NULL;
    g_autoptr(VtForm) form = vt_object_form(object, &vt_codec_ipv4_network_text, old ? old : config->net);
    const VtIpv4Network *network = form->settings;

    *ret_net = vt_ipv4_net(network);
    return vt_ipv4_is_mask(ret_net->mask) ||
           vt_error_set(error, "net: '%s': the bits of the mask are not contiguous", config->net);
}

static bool
settle_ipv4(const VtObject *object, bool says_net, VtUserNet *net, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);

    if (!settle_net(object, says_net, &net->net, error)) {
        return false;
    }
    net->host = address_or(object, config->host, net->net.net + HOST_OFFSET);
    net->dns = address_or(object, config->dns, net->net.net + DNS_OFFSET);
    net->dhcp = address_or(object, config->dhcpstart, net->net.net + DHCP_OFFSET);
    if (!check_inside(&net->net, "host", net->host, error) || !check_inside(&net->net, "dhcpstart", net->dhcp, error) ||
        (config->q_restrict && !check_inside(&net->net, "dns", net->dns, error))) {
        return false;
    }
    if (net->dns == net->host) {
        return vt_error_set(error, "dns: the host has the same address");
    }
    if (net->dhcp == net->host || net->dhcp == net->dns) {
        return vt_error_set(error, "dhcpstart: the host or the name server has the same address");
    }
    return check_forwards(object, net, error);
}

/* The address @offset in the network, unless @text, which may be NULL, is one. */
static struct in6_addr
address6_or(const char *text, const VtUserNet *net, uint8_t offset)
{
    struct in6_addr address = net->net6.net;

    address.s6_addr[15] |= offset;
    if (text) {
        inet_pton(AF_INET6, text, &address);
    }
    return address;
}

static bool
settle_ipv6(const VtNetdevUser *config, VtUserNet *net, GError **error)
{
    net->net6.length = (unsigned)config->ipv6_prefixlen;
    inet_pton(AF_INET6, config->ipv6_prefix, &net->net6.net);
    net->host6 = address6_or(config->ipv6_host, net, HOST_OFFSET);
    net->dns6 = address6_or(config->ipv6_dns, net, DNS_OFFSET);
    if (!vt_ipv6_net_has(&net->net6, &net->host6)) {
        return vt_error_set(error, "ipv6-host: the address is not in the network");
    }
    if (memcmp(&net->host6, &net->dns6, sizeof(net->host6)) == 0) {
        return vt_error_set(error, "ipv6-dns: the host has the same address");
    }
    if (config->q_restrict && !vt_ipv6_net_has(&net->net6, &net->dns6)) {
        return vt_error_set(error, "ipv6-dns: the address is not in the network");
    }
    return true;
}

bool
vt_user_net_settle(VtObject *object, VtUserNet *ret_net, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    bool says_net = vt_net_is_said(object, "net");
    bool says_ipv4 = vt_net_is_said(object, "ipv4"), says_ipv6 = vt_net_is_said(object, "ipv6");
    /* Enabling only one of the two disables the other. */
    VtUserNet net = {
        .ipv4 = says_ipv4 ? config->ipv4 : !(says_ipv6 && config->ipv6),
        .ipv6 = says_ipv6 ? config->ipv6 : !(says_ipv4 && config->ipv4),
    };

    if (!net.ipv4 && !net.ipv6) {
        return vt_error_set(error, "ipv4 and ipv6 are both off");
    }
    if (!net.ipv4 && (says_net || config->ip || config->host || config->dns || config->dhcpstart)) {
        return vt_error_set(error, "ipv4 is off, but net, host, dns or dhcpstart is given");
    }
    if (!net.ipv6 && (vt_net_is_said(object, "ipv6-prefix") || config->ipv6_host || config->ipv6_dns)) {
        return vt_error_set(error, "ipv6 is off, but ipv6-prefix, ipv6-host or ipv6-dns is given");
    }
    if ((net.ipv4 && !settle_ipv4(object, says_net, &net, error)) || (net.ipv6 && !settle_ipv6(config, &net, error))) {
        return false;
    }
    *ret_net = net;
    return true;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

typedef struct State {
    VtUserStack *stack; /* NULL: not realized */
} State;

const VtOps vt_ops_netdev_user;

/* Finds the character devices of guestfwd. */
static bool
refer(VtObject *object, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);

    for (size_t i = 0; i < config->guestfwd.n; i++) {
        g_autofree char *path = g_strdup_printf("guestfwd[%zu]", i);
        g_autoptr(VtForm) form = vt_user_guest_forward(object, i);
        const VtGuestForward *rule = form->settings;

        if (rule->chardev && !vt_object_refer(object, path, "chardev", rule->chardev, error)) {
            return false;
        }
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    VtUserNet net;

    if (config->domainname && !*config->domainname) {
        return vt_error_set(error, "domainname: expected a name, got ''");
    }
    return check_name("hostname", config->hostname, error) && check_name("domainname", config->domainname, error) &&
           check_name("tftp-server-name", config->tftp_server_name, error) && vt_user_net_settle(object, &net, error);
}

/* Checks a command at startup: libslirp runs it only when the guest connects. */
static bool
check_commands(const VtObject *object, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);

    for (size_t i = 0; i < config->guestfwd.n; i++) {
        g_autoptr(VtForm) form = vt_user_guest_forward(object, i);

        if (((const VtGuestForward *)form->settings)->command &&
            !vt_object_check_calls(object, VT_SYSCALL_GROUP_SPAWN, "guestfwd", error)) {
            return false;
        }
    }
    return true;
}

static bool
realize(VtObject *object, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_user);
    VtUserNet net;

    if (config->smb) {
        return vt_error_set(error, "smb: not supported; this program has no SMB server");
    }
    if (config->proxy) {
        return vt_error_set(error, "proxy: not supported; connections to the host are direct");
    }
    if (!vt_user_net_settle(object, &net, error) || !check_commands(object, error)) {
        return false;
    }
    state->stack = vt_user_stack_new(object, &net, error);
    return state->stack != NULL;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_netdev_user);

    g_clear_pointer(&state->stack, vt_user_stack_free);
}

const VtOps vt_ops_netdev_user = {
    .state_size = sizeof(State),
    .refer = refer,
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
