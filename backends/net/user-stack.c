/* SPDX-License-Identifier: MIT */
/*
 * The stack of the user network: libslirp between the link and the host's sockets.
 */
#include "user.h"

#include "vt-backends/net.h"
#include "vt-runtime/error.h"

#ifdef CONFIG_SLIRP

#include <arpa/inet.h>
#include <string.h>

#include "slirp-library.h"

#include "fragments.h"
#include "user-forward.h"
#include "user-line.h"
#include "user-poll.h"
#include "vt-runtime/iovec.h"

struct VtUserStack {
    VtObject *object;
    VtNetEnd *end;
    Slirp *slirp;
    VtUserPoll *poll;
    VtFragments *fragments;
    GPtrArray *forwards; /* of VtUserForward */
    GPtrArray *lines;    /* of VtUserLine */
};

/* ---- frames -------------------------------------------------------------------------------------------- */

static ssize_t
send_packet(const void *data, size_t size, void *opaque)
{
    VtUserStack *stack = opaque;
    struct iovec iov = vt_iovec(data, size);

    vt_net_send(stack->end, &iov, 1);
    return (ssize_t)size;
}

/* libslirp emulates an NC-SI controller and replies to each such frame, even to a reply.  Two of them on a hub would
 * reply to each other for ever.  So replies and notifications do not reach the controller. */
static bool
is_sideband_answer(const struct iovec *iov, size_t n)
{
    enum { ETHERTYPE = 12, PACKET_TYPE = 18, SIDEBAND = 0x88f8, ANSWERS = 0x80 };
    uint8_t head[PACKET_TYPE + 1];

    return vt_iov_copy(iov, n, 0, head, sizeof head) == sizeof head &&
           (head[ETHERTYPE] << 8 | head[ETHERTYPE + 1]) == SIDEBAND && head[PACKET_TYPE] & ANSWERS;
}

static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    VtUserStack *stack = opaque;
    size_t size = vt_iov_size(iov, n);
    g_autofree uint8_t *joined = NULL;
    const uint8_t *frame;

    if (is_sideband_answer(iov, n)) {
        return true;
    }

    if (n != 1) {
        joined = g_malloc(size);
        vt_iov_copy(iov, n, 0, joined, size);
    }
    frame = vt_fragments_take(stack->fragments, joined ? joined : iov->iov_base, &size);
    if (frame) {
        vt_slirp.input(stack->slirp, frame, (int)size);
    }
    return true;
}

static const VtNetOps ops = {.deliver = deliver};

/* ---- callbacks of libslirp ----------------------------------------------------------------------------- */

/* Errors of the guest are ignored. */
static void
guest_error(const char *message, void *opaque)
{
    (void)message;
    (void)opaque;
}

static void
register_fd(int fd, void *opaque)
{
    (void)fd;
    (void)opaque;
}

static void
unregister_fd(int fd, void *opaque)
{
    VtUserStack *stack = opaque;

    if (stack->poll) {
        vt_user_poll_forget(stack->poll, fd);
    }
}

/* The main loop collects the descriptors for each poll in this thread, so no wakeup is needed. */
static void
notify(void *opaque)
{
    (void)opaque;
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = vt_user_clock_ns,
    .timer_new = vt_user_timer_new,
    .timer_free = vt_user_timer_free,
    .timer_mod = vt_user_timer_mod,
    .register_poll_fd = register_fd,
    .unregister_poll_fd = unregister_fd,
    .notify = notify,
};

static void
before(void *opaque)
{
    g_ptr_array_foreach(((VtUserStack *)opaque)->forwards, (GFunc)(void (*)(void))vt_user_forward_before, NULL);
    g_ptr_array_foreach(((VtUserStack *)opaque)->lines, (GFunc)(void (*)(void))vt_user_line_before, NULL);
}

static void
after(void *opaque)
{
    g_ptr_array_foreach(((VtUserStack *)opaque)->forwards, (GFunc)(void (*)(void))vt_user_forward_after, NULL);
}

/* ---- forwarding ---------------------------------------------------------------------------------------- */

static struct in_addr
network_order(uint32_t address)
{
    return (struct in_addr){htonl(address)};
}

static bool
add_host_forwards(VtUserStack *stack, const VtNetdevUser *config, GError **error)
{
    for (size_t i = 0; i < config->hostfwd.n; i++) {
        const char *text = config->hostfwd.v[i].str;
        g_autoptr(VtForm) form = vt_object_form(stack->object, &vt_codec_host_forward_rule, text);
        const VtHostForward *rule = form->settings;

        if (vt_slirp.add_hostfwd(stack->slirp, rule->protocol == VT_FORWARD_PROTOCOL_UDP, network_order(rule->host),
                                 rule->host_port, network_order(rule->guest), rule->guest_port) < 0) {
            return vt_error_set(error, "hostfwd: '%s': the host port cannot be opened", text);
        }
    }
    return true;
}

static bool
add_guest_forward(VtUserStack *stack, size_t index, GError **error)
{
    g_autoptr(VtForm) form = vt_user_guest_forward(stack->object, index);
    const VtGuestForward *rule = form->settings;
    struct in_addr server = network_order(rule->server);
    VtUserForward *forward;
    VtUserLine *line;
    int failure;

    if (rule->host) {
        forward = vt_user_forward_new(stack->slirp, stack->poll, rule, error);
        if (forward) {
            g_ptr_array_add(stack->forwards, forward);
        }
        return forward != NULL;
    }
    if (rule->chardev) {
        line = vt_user_line_new(stack->object, stack->slirp, rule, error);
        if (line) {
            g_ptr_array_add(stack->lines, line);
        }
        return line != NULL;
    }
    if (rule->command) {
        failure = vt_slirp.add_exec(stack->slirp, rule->command, &server, rule->port);
    } else {
        failure = vt_slirp.add_unix(stack->slirp, rule->path, &server, rule->port);
    }
    return failure >= 0 || vt_error_set(error, "guestfwd: the address and port are in use");
}

static bool
add_guest_forwards(VtUserStack *stack, const VtNetdevUser *config, GError **error)
{
    for (size_t i = 0; i < config->guestfwd.n; i++) {
        if (!add_guest_forward(stack, i, error)) {
            return false;
        }
    }
    return true;
}

/* ---- the stack ----------------------------------------------------------------------------------------- */

static Slirp *
start(VtUserStack *stack, const VtNetdevUser *config, const VtUserNet *net)
{
    g_autofree const char **search = g_new0(const char *, config->dnssearch.n + 1);
    SlirpConfig slirp = {
        .version = 1,
        .restricted = config->q_restrict,
        .in_enabled = net->ipv4,
        .vnetwork = network_order(net->net.net),
        .vnetmask = network_order(net->net.mask),
        .vhost = network_order(net->host),
        .in6_enabled = net->ipv6,
        .vprefix_addr6 = net->net6.net,
        .vprefix_len = (uint8_t)net->net6.length,
        .vhost6 = net->host6,
        .vhostname = config->hostname,
        .tftp_server_name = config->tftp_server_name,
        .tftp_path = config->tftp,
        .bootfile = config->bootfile,
        .vdhcp_start = network_order(net->dhcp),
        .vnameserver = network_order(net->dns),
        .vnameserver6 = net->dns6,
        .vdnssearch = config->dnssearch.n ? search : NULL,
        .vdomainname = config->domainname,
    };

    for (size_t i = 0; i < config->dnssearch.n; i++) {
        search[i] = config->dnssearch.v[i].str;
    }
    return vt_slirp.new(&slirp, &callbacks, stack);
}

VtUserStack *
vt_user_stack_new(VtObject *object, const VtUserNet *net, GError **error)
{
    const VtNetdevUser *config = vt_object_config(object);
    VtUserStack *stack;

    if (!vt_slirp_load(error)) {
        return NULL;
    }
    stack = g_new0(VtUserStack, 1);
    stack->object = object;
    stack->end = vt_netdev_end(object);
    stack->fragments = vt_fragments_new();
    stack->forwards = g_ptr_array_new_with_free_func((GDestroyNotify)vt_user_forward_free);
    stack->lines = g_ptr_array_new_with_free_func((GDestroyNotify)vt_user_line_free);
    stack->slirp = start(stack, config, net);
    if (!stack->slirp) {
        vt_error_set(error, "libslirp rejects this configuration");
        vt_user_stack_free(stack);
        return NULL;
    }
    stack->poll = vt_user_poll_new(stack->slirp, before, after, stack);
    vt_netdev_open(object, &ops, stack);
    if (!add_host_forwards(stack, config, error) || !add_guest_forwards(stack, config, error)) {
        vt_user_stack_free(stack);
        return NULL;
    }
    return stack;
}

void
vt_user_stack_free(VtUserStack *stack)
{
    vt_netdev_open(stack->object, NULL, NULL);
    g_ptr_array_unref(stack->forwards);
    g_ptr_array_unref(stack->lines);
    if (stack->slirp) {
        vt_slirp.cleanup(stack->slirp);
    }
    vt_user_poll_free(stack->poll);
    vt_fragments_free(stack->fragments);
    g_free(stack);
}

#else

VtUserStack *
vt_user_stack_new(VtObject *object, const VtUserNet *net, GError **error)
{
    (void)object;
    (void)net;
    vt_error_set(error, "this program was built without libslirp, which the user network requires");
    return NULL;
}

void
vt_user_stack_free(VtUserStack *stack)
{
    (void)stack;
}

#endif
