/* SPDX-License-Identifier: MIT */
/* Peers: one connection at a time. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "line.h"
#include "vt-runtime/peer.h"

typedef struct Test {
    char *path;
    VtSocketAddress address;
    VtPeerSpec spec;
    VtPeer *peer;
    unsigned opened, failed;
    int number;    /* errno of the failure */
    unsigned rude; /* number of connections that are closed at once */
} Test;

static void
on_opened(void *opaque, int fd)
{
    Test *test = opaque;

    test->opened++;
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(vt_peer_fd(test->peer), ==, fd);
    if (test->rude) {
        test->rude--;
        vt_peer_drop(test->peer);
    }
}

static void
on_failed(void *opaque, int number)
{
    Test *test = opaque;

    test->failed++;
    test->number = number;
    g_assert_cmpint(vt_peer_fd(test->peer), ==, -1);
}

static void
begin(Test *test, VtSocketAddress address, VtPeerSpec spec)
{
    static const VtPeerOps ops = {.opened = on_opened, .failed = on_failed};

    test->address = address;
    test->spec = spec;
    test->spec.address = &test->address;
    test->spec.member = "addr";
    test->peer = vt_peer_new(&test->spec, &ops, test);
}

/* A peer at its own unix socket. */
static void
begin_unix(Test *test, VtPeerSpec spec)
{
    test->path = test_file("peer", NULL, 0);
    g_unlink(test->path);
    begin(test, (VtSocketAddress){.type = VT_SOCKET_ADDRESS_TYPE_UNIX, .u.q_unix = {.path = test->path, .mode = 0600}},
          spec);
}

static VtSocketAddress
inet_address(char *host, char *port)
{
    return (VtSocketAddress){.type = VT_SOCKET_ADDRESS_TYPE_INET, .u.inet = {.host = host, .port = port}};
}

static void
open_peer(Test *test)
{
    g_autoptr(GError) error = NULL;
    bool good = vt_peer_open(test->peer, &error);

    g_assert_no_error(error);
    g_assert_true(good);
}

static void
expect_error(Test *test, const char *message)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(vt_peer_open(test->peer, &error));
    g_assert_cmpstr(error->message, ==, message);
}

static void
await_opened(Test *test, unsigned n)
{
    while (test->opened < n) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(test->opened, ==, n);
}

static void
end(Test *test)
{
    vt_peer_free(test->peer);
    if (test->path) {
        g_assert_false(g_file_test(test->path, G_FILE_TEST_EXISTS));
    }
    g_free(test->path);
}

static void
assert_hung_up(int fd)
{
    char byte;

    g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 0);
    close(fd);
}

/* A port of this host: with a listener if @ret_listener is set, else without one. */
static char *
host_port(int *ret_listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    if (ret_listener) {
        g_assert_cmpint(listen(fd, 4), ==, 0);
        *ret_listener = fd;
    } else {
        close(fd);
    }
    return g_strdup_printf("%u", ntohs(address.sin_port));
}

/* ---- servers ----------------------------------------------------------------------------------------------- */

VT_TEST(a_server_takes_one_client_after_the_other, "/peer/server/one-after-the-other")
{
    Test test = {NULL};
    int first, second;

    begin_unix(&test, (VtPeerSpec){.server = true});
    open_peer(&test);
    g_assert_cmpint(vt_peer_listener(test.peer), >=, 0);
    g_assert_cmpint(vt_peer_fd(test.peer), ==, -1);
    first = line_connect(test.path);
    second = line_connect(test.path);
    await_opened(&test, 1);
    line_wait(20);
    g_assert_cmpuint(test.opened, ==, 1);
    vt_peer_drop(test.peer);
    g_assert_cmpint(vt_peer_fd(test.peer), ==, -1);
    assert_hung_up(first);
    await_opened(&test, 2);
    end(&test);
    assert_hung_up(second);
}

VT_TEST(who_is_dropped_at_once_makes_room, "/peer/server/dropped-at-once")
{
    Test test = {.rude = 3};
    int clients[4];

    begin_unix(&test, (VtPeerSpec){.server = true});
    open_peer(&test);
    for (int i = 0; i < 4; i++) {
        clients[i] = line_connect(test.path);
    }
    await_opened(&test, 4);
    for (int i = 0; i < 3; i++) {
        assert_hung_up(clients[i]);
    }
    end(&test);
    assert_hung_up(clients[3]);
}

VT_TEST(without_a_descriptor_a_client_waits_and_costs_nothing, "/peer/server/no-descriptor")
{
    struct rlimit limit, full;
    Test test = {NULL};
    clock_t before;
    int client;

    begin_unix(&test, (VtPeerSpec){.server = true});
    open_peer(&test);
    client = line_connect(test.path);
    getrlimit(RLIMIT_NOFILE, &limit);
    /* The number of open descriptors: all numbers below the next one. */
    full = (struct rlimit){(rlim_t)dup(client), limit.rlim_max};
    close((int)full.rlim_cur);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &full), ==, 0);
    before = clock();
    line_wait(300);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    g_assert_cmpint((clock() - before) * 1000 / CLOCKS_PER_SEC, <, 100);
    g_assert_cmpuint(test.opened, ==, 0);
    await_opened(&test, 1);
    end(&test);
    close(client);
}

/* ---- clients ----------------------------------------------------------------------------------------------- */

VT_TEST(a_client_connects_again_and_waits_for_its_server, "/peer/client/again")
{
    Test test = {NULL};
    int listener, connection;

    /* With reconnect, the first connection does not block either. */
    begin_unix(&test, (VtPeerSpec){.reconnect_ms = 5, .waits = true});
    open_peer(&test);
    line_wait(20);
    listener = line_listen(test.path);
    for (unsigned i = 1; i < 4; i++) {
        await_opened(&test, i);
        connection = accept(listener, NULL, NULL);
        vt_peer_drop(test.peer);
        assert_hung_up(connection);
    }
    await_opened(&test, 4);
    vt_peer_drop(test.peer);
    close(listener);
    line_wait(20);
    g_assert_cmpuint(test.failed, ==, 0);
    g_unlink(test.path);
    end(&test);
}

VT_TEST(who_tries_again_has_not_failed, "/peer/client/again-not-failed")
{
    g_autofree char *port = host_port(NULL);
    Test test = {NULL};

    begin(&test, inet_address("127.0.0.1", port), (VtPeerSpec){.reconnect_ms = 5});
    open_peer(&test);
    line_wait(30);
    g_assert_cmpuint(test.failed + test.opened, ==, 0);
    end(&test);
}

VT_TEST(without_another_try_the_end_is_the_end, "/peer/client/once")
{
    Test test = {NULL};
    int listener;

    begin_unix(&test, (VtPeerSpec){});
    listener = line_listen(test.path);
    open_peer(&test);
    await_opened(&test, 1);
    vt_peer_drop(test.peer);
    line_wait(20);
    g_assert_cmpuint(test.opened, ==, 1);
    g_assert_cmpuint(test.failed, ==, 0);
    close(listener);
    g_unlink(test.path);
    end(&test);
}

VT_TEST(who_does_not_wait_learns_later_that_it_failed, "/peer/client/failed")
{
    g_autofree char *port = host_port(NULL);
    Test test = {NULL};

    begin(&test, inet_address("127.0.0.1", port), (VtPeerSpec){});
    open_peer(&test);
    g_assert_cmpint(vt_peer_fd(test.peer), ==, -1);
    while (!test.failed) {
        g_main_context_iteration(NULL, TRUE);
    }
    line_wait(20);
    g_assert_cmpuint(test.failed, ==, 1);
    g_assert_cmpint(test.number, ==, ECONNREFUSED);
    g_assert_cmpuint(test.opened, ==, 0);
    end(&test);
}

VT_TEST(who_waits_learns_it_at_once, "/peer/client/waits")
{
    int listener;
    g_autofree char *closed = host_port(NULL), *open = host_port(&listener);
    Test without = {NULL}, with = {NULL};

    begin(&without, inet_address("127.0.0.1", closed), (VtPeerSpec){.waits = true});
    expect_error(&without, "addr: Connection refused");
    g_assert_cmpuint(without.opened + without.failed, ==, 0);
    end(&without);
    begin(&with, inet_address("127.0.0.1", open), (VtPeerSpec){.waits = true});
    open_peer(&with);
    g_assert_cmpuint(with.opened, ==, 1);
    end(&with);
    close(listener);
}

VT_TEST(all_addresses_of_a_name_are_tried, "/peer/client/addresses")
{
    int listener;
    g_autofree char *port = host_port(&listener);
    Test test = {NULL};

    /* The addresses of this host: if ::1 is one of them, it comes first, and no process listens there. */
    begin(&test, inet_address("", port), (VtPeerSpec){});
    open_peer(&test);
    await_opened(&test, 1);
    end(&test);
    close(listener);
}

VT_TEST(an_open_connection_is_taken_as_it_is, "/peer/client/fd")
{
    g_autofree char *number = NULL;
    Test test = {NULL};
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    number = g_strdup_printf("%d", fds[0]);
    begin(&test, (VtSocketAddress){.type = VT_SOCKET_ADDRESS_TYPE_FD, .u.fd.str = number}, (VtPeerSpec){});
    open_peer(&test);
    g_assert_cmpuint(test.opened, ==, 1);
    vt_peer_drop(test.peer);
    assert_hung_up(fds[1]);
    line_wait(5);
    end(&test);
}

VT_TEST(a_peer_goes_whatever_it_does, "/peer/freed")
{
    Test never = {NULL}, listening = {NULL}, trying = {NULL}, connecting = {NULL};
    int listener;
    g_autofree char *port = host_port(&listener);

    begin_unix(&never, (VtPeerSpec){.server = true});
    end(&never);
    begin_unix(&listening, (VtPeerSpec){.server = true});
    open_peer(&listening);
    end(&listening);
    begin_unix(&trying, (VtPeerSpec){.reconnect = 1});
    open_peer(&trying);
    end(&trying);
    begin(&connecting, inet_address("127.0.0.1", port), (VtPeerSpec){});
    open_peer(&connecting);
    end(&connecting);
    g_assert_cmpuint(connecting.opened, ==, 0);
    close(listener);
    line_wait(5);
    vt_peer_free(NULL);
}

VT_TEST(what_can_t_be_is_refused, "/peer/check")
{
    VtSocketAddress fd = {.type = VT_SOCKET_ADDRESS_TYPE_FD, .u.fd.str = "9"};
    VtSocketAddress local = {.type = VT_SOCKET_ADDRESS_TYPE_UNIX, .u.q_unix.path = "/tmp/x"};
    const struct {
        VtPeerSpec spec;
        const char *message; /* NULL: valid */
    } cases[] = {
        {{&local, "addr", .reconnect = 1}, NULL},
        {{&local, "addr", .server = true}, NULL},
        {{&fd, "addr"}, NULL},
        {{&local, "addr", .reconnect = 1, .reconnect_ms = 1}, "reconnect and reconnect-ms are mutually exclusive"},
        {{&local, "addr", .server = true, .reconnect = 1}, "reconnect-ms: not supported by a server"},
        {{&fd, "addr", .reconnect_ms = 1}, "reconnect-ms: not supported by an address of type fd"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(vt_peer_check(&cases[i].spec, &error), ==, !cases[i].message);
        g_assert_cmpstr(error ? error->message : NULL, ==, cases[i].message);
    }
}
