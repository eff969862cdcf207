/* SPDX-License-Identifier: MIT */
/* Datagram character devices: a datagram is read in pieces, and input never ends. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "line.h"

/* A socket of this host, and its port. */
static int
other_end(uint16_t port, unsigned *ret_port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
    if (ret_port) {
        *ret_port = ntohs(address.sin_port);
    }
    return fd;
}

static void
connect_to(int fd, unsigned port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
}

static unsigned
free_port(void)
{
    unsigned port;

    close(other_end(0, &port));
    return port;
}

/* Device 'c' sends to port @to from its own port; @fd is connected to that one. */
static VtObject *
line_to(TestVm *vm, unsigned to, int fd)
{
    unsigned port = free_port();
    g_autofree char *text = g_strdup_printf("backend=udp,id=c,remote.type=inet,remote.data.host=127.0.0.1,"
                                            "remote.data.port=%u,local.type=inet,local.data.host=127.0.0.1,"
                                            "local.data.port=%u",
                                            to, port);
    VtObject *line = line_new(vm, text);

    if (fd >= 0) {
        connect_to(fd, port);
    }
    return line;
}

static void
send_text(int fd, const char *text)
{
    g_assert_cmpint(send(fd, text, strlen(text), 0), ==, (ssize_t)strlen(text));
}

static void
expect(int fd, const char *text)
{
    char data[64];
    ssize_t n = recv(fd, data, sizeof data, 0);

    g_assert_cmpint(n, ==, (ssize_t)strlen(text));
    g_assert_cmpmem(data, (size_t)n, text, strlen(text));
}

VT_TEST(a_datagram_is_taken_a_piece_at_a_time, "/char/udp/pieces")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    unsigned to;
    int fd = other_end(0, &to);
    Front front;

    front_init(&front, line_to(vm, to, fd), "the test");
    front.got = g_byte_array_new();
    front_take(&front, 0);
    send_text(fd, "abcdefgh");
    send(fd, "", 0, 0);
    send_text(fd, "ij");
    line_wait(20);
    g_assert_cmpuint(front.count, ==, 0);
    front_take(&front, 3);
    front_await(&front, 10);
    g_assert_cmpmem(front.got->data, front.got->len, "abcdefghij", 10);
    g_assert_cmpstr(front.events->str, ==, "");
    front_clear(&front);
    close(fd);
}

VT_TEST(what_is_left_of_a_datagram_waits, "/char/udp/rest")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    unsigned to;
    int fd = other_end(0, &to);
    VtObject *line = line_to(vm, to, fd);
    Front first, second;

    front_init(&first, line, "the first");
    front_take(&first, 2);
    send_text(fd, "abcdef");
    while (first.count < 2) {
        g_main_context_iteration(NULL, TRUE);
    }
    front_take(&first, 0);
    front_clear(&first);
    front_init(&second, line, "the second");
    second.got = g_byte_array_new();
    front_take(&second, 64);
    front_await(&second, 6 - first.count);
    g_assert_cmpmem(second.got->data, second.got->len, &"abcdef"[first.count], 6 - first.count);
    front_clear(&second);
    close(fd);
}

VT_TEST(what_is_written_at_a_time_is_a_datagram, "/char/udp/written")
{
    static uint8_t many[100000];
    g_autoptr(TestVm) vm = test_vm_empty();
    unsigned to;
    int fd = other_end(0, &to);
    Front front;

    front_init(&front, line_to(vm, to, fd), "the test");
    g_assert_cmpuint(vt_char_write(front.front, "one", 3), ==, 3);
    g_assert_cmpuint(vt_char_write(front.front, "another", 7), ==, 7);
    expect(fd, "one");
    expect(fd, "another");
    g_assert_cmpuint(vt_char_write(front.front, many, sizeof many), ==, sizeof many);
    g_assert_cmpint(recv(fd, many, sizeof many, 0), ==, 65507);
    g_assert_cmpint(recv(fd, many, sizeof many, 0), ==, 100000 - 65507);
    front_clear(&front);
    close(fd);
}

VT_TEST(who_is_not_there_may_come, "/char/udp/nobody-there")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    unsigned to = free_port();
    Front front;
    int fd;

    front_init(&front, line_to(vm, to, -1), "the test");
    front.room = 0;
    g_assert_true(vt_char_is_open(front.front));
    for (int i = 0; i < 3; i++) {
        g_assert_cmpuint(vt_char_write(front.front, "lost", 4), ==, 4);
        line_wait(5);
        front_take(&front, i ? 64 : 0);
    }
    /* No error of the refused datagram remains. */
    front_take(&front, 0);
    g_assert_cmpuint(vt_char_write(front.front, "lost", 4), ==, 4);
    line_wait(5);
    fd = other_end((uint16_t)to, NULL);
    vt_char_write(front.front, "found", 5);
    expect(fd, "found");
    g_assert_true(vt_char_is_open(front.front));
    g_assert_cmpstr(front.events->str, ==, "");
    front_clear(&front);
    close(fd);
}

VT_TEST(others_are_not_heard, "/char/udp/others")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    unsigned to;
    int fd = other_end(0, &to), stranger = other_end(0, NULL);
    struct sockaddr_storage line;
    socklen_t size = sizeof line;
    Front front;

    front_init(&front, line_to(vm, to, fd), "the test");
    g_assert_cmpint(getpeername(fd, (struct sockaddr *)&line, &size), ==, 0);
    g_assert_cmpint(sendto(stranger, "bad", 3, 0, (struct sockaddr *)&line, size), ==, 3);
    send_text(fd, "good!");
    front_await(&front, 5);
    line_wait(10);
    g_assert_cmpuint(front.count, ==, 5);
    front_clear(&front);
    close(fd);
    close(stranger);
}

VT_TEST(datagrams_over_ipv6, "/char/udp/ipv6")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_autofree char *text = NULL;
    Front front;

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0) {
        g_test_skip("the host has no IPv6");
        return;
    }
    getsockname(fd, (struct sockaddr *)&address, &size);
    /* Iterates the addresses of this host; returns one of the family. */
    text = g_strdup_printf("backend=udp,id=c,remote.type=inet,remote.data.host=,remote.data.ipv6=on,"
                           "remote.data.port=%u",
                           ntohs(address.sin6_port));
    front_init(&front, line_new(vm, text), "the test");
    vt_char_write(front.front, "six", 3);
    expect(fd, "six");
    front_clear(&front);
    close(fd);
}
