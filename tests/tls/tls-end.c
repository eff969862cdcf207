/* SPDX-License-Identifier: MIT */
/*
 * One end of a TLS connection, with objects of the project.
 *
 *   tls-end server CREDS AUTHZ OBJECT…         listens, prints "port N", and for each connection "done" and an echo
 *   tls-end client CREDS HOST PORT OBJECT…     connects to the loopback, sends what it reads, prints what comes back
 *
 * OBJECT is an argument of -object; CREDS and AUTHZ are ids; AUTHZ and HOST may be empty.  Errors are printed as
 * "error: …"; a server then accepts the next connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vt-backends/tls-session.h"
#include "vt-gen/backends.h"
#include "vt-runtime/vm.h"

#define CHUNK 65536

static const VtLayer *const all_layers[] = {&vt_layer_runtime, &vt_layer_backends, NULL};

static void say(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void
say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

static bool
make_objects(VtVm *vm, char **texts, int n, GError **error)
{
    const VtClassInfo *root = vt_schema_class(vt_context_schema(vt_vm_context(vm)), "object");
    g_autoptr(GArray) creations = g_array_new(FALSE, FALSE, sizeof(VtCreation));

    for (int i = 0; i < n; i++) {
        VtCreation creation = {root, vt_input_new_option(texts[i], "qom-type", "-object", error)};

        g_assert_nonnull(creation.input);
        g_array_append_val(creations, creation);
    }
    return vt_vm_plan(vm, (const VtCreation *)creations->data, creations->len, NULL, error) && vt_vm_realize(vm, error);
}

static void
wait_for(int fd, short events)
{
    struct pollfd poll_fd = {fd, events, 0};

    while (poll(&poll_fd, 1, -1) < 0) {
        g_assert(errno == EINTR);
    }
}

static bool
shake_hands(VtTlsSession *session, int fd, GError **error)
{
    for (;;) {
        switch (vt_tls_session_handshake(session, error)) {
        case VT_TLS_DONE:
            return true;
        case VT_TLS_WANT_READ:
            wait_for(fd, POLLIN);
            break;
        case VT_TLS_WANT_WRITE:
            wait_for(fd, POLLOUT);
            break;
        case VT_TLS_FAILED:
            return false;
        }
    }
}

/* Returns whether the operation would block; if so, waits. */
static bool
is_early(int fd, short events, GError **error)
{
    if (!g_error_matches(*error, G_FILE_ERROR, G_FILE_ERROR_AGAIN)) {
        return false;
    }
    g_clear_error(error);
    wait_for(fd, events);
    return true;
}

static bool
write_all(VtTlsSession *session, int fd, const char *data, gsize size, GError **error)
{
    while (size) {
        gssize done = vt_tls_session_write(session, data, size, error);

        if (done >= 0) {
            data += done;
            size -= (gsize)done;
        } else if (!is_early(fd, POLLOUT, error)) {
            return false;
        }
    }
    return true;
}

static gssize
read_some(VtTlsSession *session, int fd, char *data, gsize size, GError **error)
{
    gssize done;

    do {
        done = vt_tls_session_read(session, data, size, error);
    } while (done < 0 && is_early(fd, POLLIN, error));
    g_assert(vt_tls_session_pending(session) == 0 || done == (gssize)size || done > 0);
    return done;
}

static bool
echo(VtTlsSession *session, int fd, GError **error)
{
    char data[CHUNK];
    gssize size;

    while ((size = read_some(session, fd, data, sizeof data, error)) > 0) {
        if (!write_all(session, fd, data, (gsize)size, error)) {
            return false;
        }
    }
    return size == 0;
}

static bool
talk(VtTlsSession *session, int fd, GError **error)
{
    char data[CHUNK];
    ssize_t got;

    while ((got = read(STDIN_FILENO, data, sizeof data)) > 0) {
        if (!write_all(session, fd, data, (gsize)got, error)) {
            return false;
        }
        for (gssize back = 0, n; back < got; back += n) {
            n = read_some(session, fd, data, sizeof data, error);
            if (n <= 0) {
                return n == 0;
            }
            fwrite(data, 1, (size_t)n, stdout);
        }
        fflush(stdout);
    }
    return true;
}

static void
serve(VtObject *creds, const char *hostname, VtObject *authz, int fd,
      bool (*use)(VtTlsSession *session, int fd, GError **error))
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtTlsSession) session = NULL;

    g_assert(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    session = vt_tls_session_new(creds, hostname, authz, fd, &error);
    if (session && shake_hands(session, fd, &error)) {
        say("done");
        if (use(session, fd, &error)) {
            say("end");
            return;
        }
    }
    g_assert_nonnull(error);
    g_assert_null(strchr(error->message, '\n'));
    say("error: %s", error->message);
}

static int
end_of(struct sockaddr_in *address, bool server)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), done;

    done = server ? bind(fd, (struct sockaddr *)address, size) : connect(fd, (struct sockaddr *)address, size);
    g_assert(done == 0);
    if (server) {
        g_assert(listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)address, &size) == 0);
    }
    return fd;
}

static void
run(VtVm *vm, char **argv)
{
    bool server = !strcmp(argv[1], "server");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    VtObject *creds = vt_vm_find(vm, "object", argv[2]);
    VtObject *authz = server && *argv[3] ? vt_vm_find(vm, "object", argv[3]) : NULL;
    int fd;

    g_assert_nonnull(creds);
    g_assert(!server || !*argv[3] || authz);
    address.sin_port = server ? 0 : htons((uint16_t)atoi(argv[4]));
    fd = end_of(&address, server);
    if (server) {
        int connection;

        say("port %d", ntohs(address.sin_port));
        while ((connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
            serve(creds, NULL, authz, connection, echo);
            close(connection);
            /* The files of the objects may have changed meanwhile. */
            while (g_main_context_iteration(NULL, FALSE)) {
            }
        }
    } else {
        serve(creds, *argv[3] ? argv[3] : NULL, NULL, fd, talk);
    }
    close(fd);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtSchema) schema = vt_schema_new(all_layers);
    VtPlatform *platform = vt_platform_new(schema, 0, NULL, &error);
    g_autoptr(VtVm) vm = vt_vm_new(vt_context_new(schema, platform, NULL, 0, NULL), NULL, 0, &error);
    int first;

    g_assert(argc >= 5);
    first = strcmp(argv[1], "server") ? 5 : 4;
    if (make_objects(vm, argv + first, argc - first, &error)) {
        run(vm, argv);
        return 0;
    }
    g_assert_null(strchr(error->message, '\n'));
    say("error: %s", error->message);
    return 1;
}
