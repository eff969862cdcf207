/* SPDX-License-Identifier: MIT */
#include "vt-runtime/peer.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <glib-unix.h>

#include "lookup.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/listener.h"
#include "vt-runtime/main-thread.h"
#include "vt-runtime/patience.h"

/* A unix socket with a full backlog refuses at once. The peer retries every PAUSE_MS, for at most ROOM_MS. */
#define PAUSE_MS 20
#define ROOM_MS  10000

struct VtPeer {
    VtPeerSpec spec;
    const VtPeerOps *ops;
    void *opaque;
    GArray *addresses;    /* of a client; NULL: not resolved, or a server */
    guint next;           /* index of the next address to try */
    VtLookup *lookup;     /* NULL: none is pending */
    gint64 room_by;       /* end of retries while the backlog of the server is full; 0: no retry yet */
    VtListener *listener; /* NULL: a client */
    VtOwnPath *own;       /* path of the listener; NULL: none */
    int fd;               /* -1: not connected */
    guint watch;          /* source that waits for a pending connection */
    guint timer;          /* source that starts the next attempt */
    guint lookup_watch;
};

static gboolean on_retry(gpointer opaque);
static bool try_next(VtPeer *peer);
static bool look_up(VtPeer *peer);
static void over(VtPeer *peer, int number);

static int64_t
reconnect_ms(const VtPeerSpec *spec)
{
    return spec->reconnect_ms ? spec->reconnect_ms : spec->reconnect * 1000;
}

bool
vt_peer_check(const VtPeerSpec *spec, GError **error)
{
    if (spec->reconnect && spec->reconnect_ms) {
        return vt_error_set(error, "reconnect and reconnect-ms are mutually exclusive");
    }
    if (reconnect_ms(spec) && spec->server) {
        return vt_error_set(error, "reconnect-ms: not supported by a server");
    }
    if (reconnect_ms(spec) && spec->address->type == VT_SOCKET_ADDRESS_TYPE_FD) {
        return vt_error_set(error, "reconnect-ms: not supported by an address of type fd");
    }
    return vt_socket_check(spec->address, spec->member, error);
}

/* ---- reconnecting -------------------------------------------------------------------------------------- */

static void
hang_up(VtPeer *peer)
{
    g_clear_handle_id(&peer->timer, g_source_remove);
    g_clear_handle_id(&peer->watch, g_source_remove);
    if (peer->fd >= 0) {
        close(peer->fd);
        peer->fd = -1;
    }
}

/* Prepares the next connection after one ended or failed. Returns false if there is none. */
static bool
go_on(VtPeer *peer)
{
    if (peer->listener) {
        vt_listener_start(peer->listener);
        return true;
    }
    if (reconnect_ms(&peer->spec)) {
        peer->timer = g_timeout_add((guint)reconnect_ms(&peer->spec), on_retry, peer);
        return true;
    }
    return false;
}

/* Starts to connect. Returns false with errno if no address accepts and there is no reconnect. */
static bool
begin(VtPeer *peer)
{
    peer->next = 0;
    return (peer->addresses ? try_next(peer) : look_up(peer)) || go_on(peer);
}

static gboolean
on_retry(gpointer opaque)
{
    VtPeer *peer = opaque;

    peer->timer = 0;
    if (!begin(peer)) {
        over(peer, errno);
    }
    return G_SOURCE_REMOVE;
}

/* Reports that peer->fd is connected. */
static void
take(VtPeer *peer)
{
    vt_socket_tune(peer->fd, peer->spec.address, peer->spec.nodelay);
    peer->ops->opened(peer->opaque, peer->fd);
}

/* ---- servers ----------------------------------------------------------------------------------------------- */

/* Other clients wait until this one disconnects. */
static void
on_accepted(void *opaque, int fd)
{
    VtPeer *peer = opaque;

    vt_listener_stop(peer->listener);
    peer->fd = fd;
    take(peer);
}

static bool
open_listener(VtPeer *peer, GError **error)
{
    const VtPeerSpec *spec = &peer->spec;
    g_autoptr(GArray) addresses = NULL;
    int fd = -1;

    if (spec->address->type == VT_SOCKET_ADDRESS_TYPE_FD) {
        fd = vt_socket_fd(spec->address, SOCK_STREAM, spec->member, error);
    } else {
        addresses = vt_socket_resolve(spec->address, SOCK_STREAM, true, spec->member, error);
        if (addresses) {
            fd = vt_socket_bind(spec->address, addresses, SOCK_STREAM, spec->member, &peer->own, error);
        }
    }
    if (fd < 0) {
        return false;
    }
    peer->listener = vt_listener_new(fd, on_accepted, peer);
    vt_listener_start(peer->listener);
    return true;
}

/* ---- clients ----------------------------------------------------------------------------------------------- */

/* Reports that the peer has failed for good. */
static void
over(VtPeer *peer, int number)
{
    if (peer->ops->failed) {
        peer->ops->failed(peer->opaque, number);
    }
}

static gboolean
on_connected(gint fd, GIOCondition condition, gpointer opaque)
{
    VtPeer *peer = opaque;
    int number = vt_socket_outcome(fd);

    (void)condition;
    peer->watch = 0;
    if (number == 0) {
        take(peer);
        return G_SOURCE_REMOVE;
    }
    hang_up(peer);
    if (!try_next(peer) && !go_on(peer)) {
        over(peer, number);
    }
    return G_SOURCE_REMOVE;
}

/* Schedules a retry while the backlog of the server is full. Returns false after ROOM_MS. */
static bool
await_room(VtPeer *peer)
{
    gint64 now = g_get_monotonic_time();

    peer->room_by = peer->room_by ? peer->room_by : now + ROOM_MS * G_TIME_SPAN_MILLISECOND;
    if (now >= peer->room_by) {
        return false;
    }
    peer->timer = g_timeout_add(PAUSE_MS, on_retry, peer);
    return true;
}

/* Starts to connect to the next address. Returns false with errno if no address is left. */
static bool
try_next(VtPeer *peer)
{
    while (peer->fd < 0 && peer->next < peer->addresses->len) {
        peer->fd = vt_socket_connect(&g_array_index(peer->addresses, VtSockaddr, peer->next++));
        if (peer->fd < 0 && errno == EAGAIN && await_room(peer)) {
            return true;
        }
    }
    if (peer->fd >= 0) {
        peer->room_by = 0;
        peer->watch = g_unix_fd_add(peer->fd, G_IO_OUT, on_connected, peer);
    }
    return peer->fd >= 0;
}

static gboolean
on_looked_up(gint fd, GIOCondition condition, gpointer opaque)
{
    VtPeer *peer = opaque;

    (void)fd;
    (void)condition;
    peer->lookup_watch = 0;
    peer->addresses = vt_socket_resolve_end(peer->spec.address, SOCK_STREAM, peer->lookup, peer->spec.member, NULL);
    g_clear_pointer(&peer->lookup, vt_lookup_free);
    if (!(peer->addresses ? begin(peer) : go_on(peer))) {
        over(peer, peer->addresses ? errno : EHOSTUNREACH);
    }
    return G_SOURCE_REMOVE;
}

static bool
look_up(VtPeer *peer)
{
    peer->addresses =
        vt_socket_resolve_begin(peer->spec.address, SOCK_STREAM, false, peer->spec.member, &peer->lookup, NULL);
    if (peer->lookup) {
        peer->lookup_watch = g_unix_fd_add(vt_lookup_fd(peer->lookup), G_IO_IN, on_looked_up, peer);
    }
    errno = EHOSTUNREACH;
    return peer->lookup || (peer->addresses && try_next(peer));
}

/* Waits a moment for a client without reconnect, so that vt_peer_open() can report a failure. */
static bool
wait_a_moment(VtPeer *peer, GError **error)
{
    gint64 deadline = vt_patience_deadline();
    int number = ECONNREFUSED;

    while (peer->watch && vt_patience_poll(peer->fd, POLLOUT, deadline)) {
        g_clear_handle_id(&peer->watch, g_source_remove);
        number = vt_socket_outcome(peer->fd);
        if (!number) {
            take(peer);
            return true;
        }
        hang_up(peer);
        try_next(peer);
    }
    /* The connection continues in the background. */
    return peer->watch || peer->timer || vt_error_set(error, "%s: %s", peer->spec.member, g_strerror(number));
}

static bool
connect_once(VtPeer *peer, GError **error)
{
    const VtPeerSpec *spec = &peer->spec;

    if (!vt_patience_is_running()) {
        peer->fd = vt_socket_connect_now(peer->addresses, spec->member, error);
        if (peer->fd < 0) {
            return false;
        }
        take(peer);
        return true;
    }
    return begin(peer) ? wait_a_moment(peer, error) : vt_error_set(error, "%s: %s", spec->member, g_strerror(errno));
}

/* Resolves the address. If the caller waits for the connection, waits for the lookup too; otherwise, the lookup runs in
 * the background. */
static bool
find_addresses(VtPeer *peer, GError **error)
{
    const VtPeerSpec *spec = &peer->spec;

    if (vt_await_is_possible() && spec->waits && !reconnect_ms(spec)) {
        peer->addresses = vt_socket_resolve(spec->address, SOCK_STREAM, false, spec->member, error);
        return peer->addresses != NULL;
    }
    peer->addresses = vt_socket_resolve_begin(spec->address, SOCK_STREAM, false, spec->member, &peer->lookup, error);
    if (!peer->lookup) {
        return peer->addresses != NULL;
    }
    if (!vt_patience_is_running() && vt_patience_poll(vt_lookup_fd(peer->lookup), POLLIN, vt_patience_deadline())) {
        peer->addresses = vt_socket_resolve_end(spec->address, SOCK_STREAM, peer->lookup, spec->member, error);
        g_clear_pointer(&peer->lookup, vt_lookup_free);
        return peer->addresses != NULL;
    }
    if (!vt_patience_is_running()) {
        return vt_error_set(error, "%s: '%s' cannot be resolved: %s", spec->member, spec->address->u.inet.host,
                            g_strerror(errno));
    }
    peer->lookup_watch = g_unix_fd_add(vt_lookup_fd(peer->lookup), G_IO_IN, on_looked_up, peer);
    return true;
}

static bool
open_connection(VtPeer *peer, GError **error)
{
    const VtPeerSpec *spec = &peer->spec;

    if (spec->address->type == VT_SOCKET_ADDRESS_TYPE_FD) {
        peer->fd = vt_socket_fd(spec->address, SOCK_STREAM, spec->member, error);
        if (peer->fd < 0) {
            return false;
        }
        take(peer);
        return true;
    }
    if (!find_addresses(peer, error)) {
        return false;
    }
    if (peer->lookup) {
        return true;
    }
    if (reconnect_ms(spec) || !spec->waits) {
        return begin(peer) || vt_error_set(error, "%s: %s", spec->member, g_strerror(errno));
    }
    return connect_once(peer, error);
}

/* ---- peers ------------------------------------------------------------------------------------------------- */

VtPeer *
vt_peer_new(const VtPeerSpec *spec, const VtPeerOps *ops, void *opaque)
{
    VtPeer *peer = g_new(VtPeer, 1);

    *peer = (VtPeer){.spec = *spec, .ops = ops, .opaque = opaque, .fd = -1};
    return peer;
}

void
vt_peer_free(VtPeer *peer)
{
    if (!peer) {
        return;
    }
    hang_up(peer);
    g_clear_handle_id(&peer->lookup_watch, g_source_remove);
    g_clear_pointer(&peer->lookup, vt_lookup_free);
    vt_own_path_remove(peer->own);
    if (peer->listener) {
        g_clear_pointer(&peer->listener, vt_listener_free);
    }
    g_clear_pointer(&peer->addresses, g_array_unref);
    g_free(peer);
}

bool
vt_peer_open(VtPeer *peer, GError **error)
{
    vt_assert_main();
    return peer->spec.server ? open_listener(peer, error) : open_connection(peer, error);
}

void
vt_peer_drop(VtPeer *peer)
{
    hang_up(peer);
    go_on(peer);
}

int
vt_peer_fd(const VtPeer *peer)
{
    return peer->watch ? -1 : peer->fd;
}

int
vt_peer_listener(const VtPeer *peer)
{
    return peer->listener ? vt_listener_fd(peer->listener) : -1;
}
