/* SPDX-License-Identifier: MIT */
/* Socket character devices: no data is lost, clients may reconnect, and slow peers delay the sender. */
#include <malloc.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "line.h"

#ifdef __SANITIZE_ADDRESS__
#define AMOUNT (UINT64_C(64) << 20)
#else
#define AMOUNT (UINT64_C(1) << 30)
#endif
#define CHUNK  65521 /* a prime, so that pieces differ */
#define PERIOD (CHUNK * 4)

/* ---- a gigabyte both ways -------------------------------------------------------------------------------- */

static uint8_t pattern[PERIOD * 2];

static void
make_pattern(void)
{
    uint64_t x = 88172645463325252;

    for (size_t i = 0; i < PERIOD; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        pattern[i] = pattern[i + PERIOD] = (uint8_t)x;
    }
}

static void *
send_pattern(void *fd)
{
    for (uint64_t done = 0; done < AMOUNT;) {
        size_t size = (size_t)MIN(AMOUNT - done, CHUNK);
        ssize_t n = send(GPOINTER_TO_INT(fd), pattern + done % PERIOD, size, MSG_NOSIGNAL);

        g_assert_cmpint(n, >, 0);
        done += (uint64_t)n;
    }
    return NULL;
}

typedef struct Receiver {
    int fd;
    uint64_t done;
    bool right, ready;
} Receiver;

static void *
receive_pattern(void *opaque)
{
    static uint8_t data[CHUNK];
    Receiver *receiver = opaque;

    receiver->right = true;
    while (receiver->done < AMOUNT) {
        ssize_t n = recv(receiver->fd, data, sizeof data, 0);

        if (n <= 0) {
            break;
        }
        receiver->right &= memcmp(data, pattern + receiver->done % PERIOD, (size_t)n) == 0;
        receiver->done += (uint64_t)n;
    }
    __atomic_store_n(&receiver->ready, true, __ATOMIC_RELEASE);
    g_main_context_wakeup(NULL);
    return NULL;
}

static void
pass_both_ways(int fd, Front *front)
{
    Receiver receiver = {.fd = fd};
    GThread *sender, *reader;

    make_pattern();
    sender = g_thread_new("send", send_pattern, GINT_TO_POINTER(fd));
    reader = g_thread_new("receive", receive_pattern, &receiver);
    while (!__atomic_load_n(&receiver.ready, __ATOMIC_ACQUIRE)) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_thread_join(sender);
    g_thread_join(reader);
    g_assert_true(receiver.right);
    g_assert_cmpuint(receiver.done, ==, AMOUNT);
    g_assert_cmpuint(front->count, ==, AMOUNT);
}

VT_TEST(a_gigabyte_passes_both_ways, "/char/socket/gigabyte")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0);
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);
    Front front;
    int fd;

    front_init(&front, line_new(vm, text), "the test");
    front.echoes = true;
    fd = line_connect(path);
    pass_both_ways(fd, &front);
    close(fd);
    front_clear(&front);
}

/* The port of server 'c', chosen by the host: the listening descriptor with the highest number. */
static unsigned
line_port(void)
{
    for (int fd = 1023; fd > 2; fd--) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address, one = sizeof(int);
        int listens = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &one) == 0 && listens &&
            getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
            return ntohs(((struct sockaddr_in *)&address)->sin_port);
        }
    }
    g_assert_not_reached();
}

/* ---- reconnection ---------------------------------------------------------------------------------------- */

static void
exchange(int fd, Front *front, const char *text)
{
    char answer[64] = "";
    size_t size = strlen(text);

    g_assert_cmpint(send(fd, text, size, MSG_NOSIGNAL), ==, (ssize_t)size);
    front_await(front, front->count + size);
    g_assert_cmpint(recv(fd, answer, size, MSG_WAITALL), ==, (ssize_t)size);
    g_assert_cmpstr(answer, ==, text);
}

VT_TEST(a_server_takes_the_next_client, "/char/socket/server-again")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0);
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);
    Front front;
    int fds[2];

    front_init(&front, line_new(vm, text), "the test");
    front.echoes = true;
    for (int i = 0; i < 50; i++) {
        fds[0] = line_connect(path);
        fds[1] = line_connect(path);
        for (int k = 0; k < 2; k++) {
            front_await_events(&front, "o");
            exchange(fds[k], &front, "hello");
            /* Half of the clients shut down first, the others just close. */
            if (i % 2) {
                shutdown(fds[k], SHUT_WR);
            }
            close(fds[k]);
            front_await_events(&front, k ? "c" : "o");
        }
    }
    front_clear(&front);
    line_delete(vm, "c");
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

VT_TEST(a_client_comes_back, "/char/socket/client-again")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0);
    g_autofree char *text =
        g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=off,reconnect-ms=5", path);
    Front front;

    front_init(&front, line_new(vm, text), "the test");
    front.echoes = true;
    /* Without a connection, output is lost and does not block. */
    g_assert_cmpuint(vt_char_write(front.front, "lost", 4), ==, 4);
    for (int i = 0; i < 20; i++) {
        int listener = line_listen(path), fd;

        front_await_events(&front, "o");
        fd = accept(listener, NULL, NULL);
        close(listener);
        unlink(path);
        exchange(fd, &front, "hello");
        close(fd);
        front_await_events(&front, "c");
    }
    front_clear(&front);
}

VT_TEST(a_client_that_does_not_try_again_is_refused, "/char/socket/refused")
{
    g_autoptr(TestVm) vm = test_vm_empty();

    test_vm_fails(vm, "chardev backend=socket,id=c,addr.type=unix,addr.data.path=/nowhere/at/all,server=off",
                  "addr: No such file or directory");
    test_vm_fails(vm, "chardev backend=socket,id=c,addr.type=inet,addr.data.host=127.0.0.1,addr.data.port=1,server=off",
                  "addr: Connection refused");
}

VT_TEST(tcp_and_names_that_are_no_files, "/char/socket/addresses")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    static const char *const pairs[][2] = {
        {"addr.type=inet,addr.data.host=127.0.0.1,addr.data.port=0", "addr.type=inet,addr.data.host=127.0.0.1"},
        {"addr.type=inet,addr.data.host=::1,addr.data.port=0", "addr.type=inet,addr.data.host=::1"},
        {"addr.type=unix,addr.data.path=vintage-test-name,addr.data.abstract=on", NULL}};

    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *text = g_strdup_printf("backend=socket,id=c,%s,server=on", pairs[i][0]);
        g_autofree char *address = NULL, *other = NULL;
        Front server, client;

        front_init(&server, line_new(vm, text), "the server");
        if (pairs[i][1]) {
            address = g_strdup_printf("%s,addr.data.port=%u", pairs[i][1], line_port());
        } else {
            address = g_strdup(pairs[i][0]);
        }
        other = g_strdup_printf("backend=socket,id=d,%s,server=off,nodelay=on", address);
        front_init(&client, line_new_called(vm, other, "d"), "the client");
        g_assert_true(vt_char_is_open(client.front));
        front_await_events(&server, "o");
        server.echoes = true;
        vt_char_write(client.front, "there and back", 14);
        front_await(&client, 14);
        front_clear(&client);
        front_clear(&server);
        line_delete(vm, "d");
        line_delete(vm, "c");
    }
}

/* ---- slow peers ------------------------------------------------------------------------------------------ */

VT_TEST(a_slow_reader_is_waited_for, "/char/socket/slow-reader")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0);
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);
    uint64_t sent = 0, received = 0;
    G_GNUC_UNUSED size_t before;
    Front front;
    int fd;

    make_pattern();
    front_init(&front, line_new(vm, text), "the test");
    fd = line_connect(path);
    front_await_events(&front, "o");
    before = mallinfo2().uordblks;
    for (int i = 0; i < 20000; i++) {
        size_t n = vt_char_write(front.front, pattern + sent % PERIOD, CHUNK);

        sent += n;
        g_main_context_iteration(NULL, FALSE);
        g_assert_true(i < 1000 || !n);
    }
    g_assert_cmpuint(sent, <, 16 << 20);
#ifndef __SANITIZE_ADDRESS__
    g_assert_cmpuint(mallinfo2().uordblks, <, before + 65536);
#endif
    g_assert_null(strchr(front.events->str, 'w'));
    while (received < sent) {
        static uint8_t data[CHUNK];
        ssize_t n = recv(fd, data, sizeof data, 0);

        g_assert_cmpint(n, >, 0);
        g_assert_cmpmem(data, (size_t)n, pattern + received % PERIOD, (size_t)n);
        received += (uint64_t)n;
    }
    front_await_events(&front, "w");
    close(fd);
    front_clear(&front);
}

VT_TEST(a_front_end_that_takes_nothing_holds_the_other_end_up, "/char/socket/slow-front")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0);
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);
    uint64_t sent = 0;
    Front front;
    ssize_t n;
    int fd;

    make_pattern();
    front_init(&front, line_new(vm, text), "the test");
    front.got = g_byte_array_new();
    fd = line_connect(path);
    front_await_events(&front, "o");
    front_take(&front, 0);
    while ((n = send(fd, pattern + sent % PERIOD, CHUNK, MSG_DONTWAIT)) > 0) {
        sent += (uint64_t)n;
        line_wait(1);
    }
    g_assert_cmpuint(front.count, ==, 0);
    g_assert_cmpuint(sent, <, 16 << 20);
    /* Data that was sent before the disconnect is received. */
    close(fd);
    line_wait(20);
    g_assert_cmpstr(front.events->str, ==, "o");
    front_take(&front, 7);
    front_await(&front, sent);
    for (uint64_t i = 0; i < sent; i += CHUNK) {
        size_t size = (size_t)MIN(sent - i, CHUNK);

        g_assert_cmpmem(front.got->data + i, size, pattern + i % PERIOD, size);
    }
    front_await_events(&front, "c");
    front_clear(&front);
}

/* ---- other clients --------------------------------------------------------------------------------------- */

VT_TEST(others_come_and_go_while_bytes_pass, "/char/socket/others")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("line", NULL, 0), *other = test_file("other", NULL, 0);
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);
    g_autofree char *more = g_strdup_printf("backend=socket,id=d,addr.type=unix,addr.data.path=%s,server=on", other);
    Receiver receiver = {.fd = -1};
    GThread *sender, *reader;
    unsigned times = 0;
    Front front;

    make_pattern();
    front_init(&front, line_new(vm, text), "the test");
    front.echoes = true;
    receiver.fd = line_connect(path);
    sender = g_thread_new("send", send_pattern, GINT_TO_POINTER(receiver.fd));
    reader = g_thread_new("receive", receive_pattern, &receiver);
    while (!__atomic_load_n(&receiver.ready, __ATOMIC_ACQUIRE)) {
        g_main_context_iteration(NULL, TRUE);
        if (times++ % 16 == 0) {
            Front second;
            int fd;

            front_init(&second, line_new_called(vm, more, "d"), "another");
            fd = line_connect(other);
            g_assert_cmpint(send(fd, "x", 1, 0), ==, 1);
            front_await(&second, 1);
            if (times % 32 == 1) {
                close(fd);
                fd = -1;
            }
            front_clear(&second);
            line_delete(vm, "d");
            if (fd >= 0) {
                close(fd);
            }
        }
    }
    g_thread_join(sender);
    g_thread_join(reader);
    g_assert_true(receiver.right);
    g_assert_cmpuint(receiver.done, ==, AMOUNT);
    close(receiver.fd);
    front_clear(&front);
}
