/* SPDX-License-Identifier: MIT */
/* Several character devices on a hub: each receives each byte once, at the speed of the slowest. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "line.h"

#define N 3

typedef struct Hub {
    TestVm *vm;
    char *paths[N];
    int fds[N];
    Front front;
} Hub;

static void
hub_init(Hub *hub)
{
    g_autoptr(GString) text = g_string_new(NULL);

    *hub = (Hub){.vm = test_vm_empty(), .fds = {-1, -1, -1}};
    for (int i = 0; i < N; i++) {
        g_autofree char *name = g_strdup_printf("hub-%d", i);

        hub->paths[i] = test_file(name, NULL, 0);
        g_string_append_printf(text, "%sbackend=socket,id=b%d,addr.type=unix,addr.data.path=%s", i ? "\nchardev " : "",
                               i, hub->paths[i]);
    }
    g_string_append(text, "\nchardev backend=hub,id=c,chardevs.0=b0,chardevs.1=b1,chardevs.2=b2");
    front_init(&hub->front, line_new(hub->vm, text->str), "the test");
}

static void
hub_connect(Hub *hub, int i)
{
    struct timeval patience = {.tv_sec = 20};

    hub->fds[i] = line_connect(hub->paths[i]);
    g_assert_cmpint(setsockopt(hub->fds[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
    line_wait(10);
}

static void
hub_hang_up(Hub *hub, int i)
{
    close(hub->fds[i]);
    hub->fds[i] = -1;
    line_wait(10);
}

static void
hub_clear(Hub *hub)
{
    front_clear(&hub->front);
    test_vm_free(hub->vm);
    for (int i = 0; i < N; i++) {
        g_free(hub->paths[i]);
        if (hub->fds[i] >= 0) {
            close(hub->fds[i]);
        }
    }
}

static void
say(Hub *hub, const char *text)
{
    g_assert_cmpuint(vt_char_write(hub->front.front, text, strlen(text)), ==, strlen(text));
}

static void
expect(int fd, const char *text)
{
    char data[64];

    g_assert_cmpint(recv(fd, data, strlen(text), MSG_WAITALL), ==, (ssize_t)strlen(text));
    g_assert_cmpmem(data, strlen(text), text, strlen(text));
}

VT_TEST(a_hub_is_open_while_one_of_its_lines_is, "/char/hub/open")
{
    Hub hub;

    hub_init(&hub);
    g_assert_false(vt_char_is_open(hub.front.front));
    hub_connect(&hub, 0);
    hub_connect(&hub, 1);
    g_assert_true(vt_char_is_open(hub.front.front));
    hub_hang_up(&hub, 0);
    g_assert_true(vt_char_is_open(hub.front.front));
    hub_hang_up(&hub, 1);
    g_assert_false(vt_char_is_open(hub.front.front));
    hub_connect(&hub, 1);
    hub_clear(&hub);
}

VT_TEST(all_lines_of_a_hub_lead_to_it_and_away, "/char/hub/both-ways")
{
    Hub hub;

    hub_init(&hub);
    for (int i = 0; i < N; i++) {
        hub_connect(&hub, i);
    }
    say(&hub, "to all of them");
    for (int i = 0; i < N; i++) {
        expect(hub.fds[i], "to all of them");
    }
    hub_hang_up(&hub, 1);
    say(&hub, "to two");
    hub_connect(&hub, 1);
    say(&hub, "to three");
    expect(hub.fds[0], "to twoto three");
    expect(hub.fds[1], "to three");
    expect(hub.fds[2], "to twoto three");
    for (int i = 0; i < N; i++) {
        g_assert_cmpint(send(hub.fds[i], "in", 2, 0), ==, 2);
    }
    front_await(&hub.front, 2 * N);
    front_take(&hub.front, 0);
    g_assert_cmpint(send(hub.fds[2], "later", 5, 0), ==, 5);
    line_wait(10);
    g_assert_cmpuint(hub.front.count, ==, 2 * N);
    front_take(&hub.front, 64);
    front_await(&hub.front, 2 * N + 5);
    hub_clear(&hub);
}

/* ---- slow peers -------------------------------------------------------------------------------------------- */

#define AMOUNT (4 << 20)

typedef struct Reader {
    int fd;
    unsigned pause_us;
    size_t count;
    bool right;
} Reader;

static uint8_t
byte_at(size_t i)
{
    return (uint8_t)(i * 7 + (i >> 9));
}

static void *
read_all(void *opaque)
{
    Reader *reader = opaque;
    uint8_t data[30011];
    ssize_t n;

    reader->right = true;
    while (reader->count < AMOUNT && (n = recv(reader->fd, data, sizeof data, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            reader->right &= data[i] == byte_at(reader->count + (size_t)i);
        }
        reader->count += (size_t)n;
        g_usleep(reader->pause_us);
    }
    return NULL;
}

VT_TEST(each_line_of_a_hub_gets_each_byte_once, "/char/hub/slow")
{
    g_autofree uint8_t *data = g_malloc(AMOUNT);
    Reader readers[N];
    GThread *threads[N];
    Hub hub;

    for (size_t i = 0; i < AMOUNT; i++) {
        data[i] = byte_at(i);
    }
    hub_init(&hub);
    for (int i = 0; i < N; i++) {
        hub_connect(&hub, i);
        readers[i] = (Reader){.fd = hub.fds[i], .pause_us = (unsigned)i * 500};
        threads[i] = g_thread_new("reader", read_all, &readers[i]);
    }
    for (size_t done = 0; done < AMOUNT;) {
        size_t part = MIN((size_t)50021, AMOUNT - done);
        size_t n = vt_char_write(hub.front.front, data + done, part);

        g_assert_cmpuint(n, <=, part);
        done += n;
        if (n < part) {
            gsize before = hub.front.events->len;

            while (hub.front.events->len == before) {
                g_main_context_iteration(NULL, TRUE);
            }
        }
    }
    for (int i = 0; i < N; i++) {
        g_thread_join(threads[i]);
        g_assert_cmpuint(readers[i].count, ==, AMOUNT);
        g_assert_true(readers[i].right);
    }
    hub_clear(&hub);
}

static const uint8_t block[50021];

/* Reads the available bytes. */
static size_t
drain(int fd)
{
    static uint8_t data[65536];
    size_t count = 0;
    ssize_t n;

    while ((n = recv(fd, data, sizeof data, MSG_DONTWAIT)) > 0) {
        count += (size_t)n;
    }
    return count;
}

/* Writes until device 1 accepts no more, and reads what device 0 has received, which is ahead by then.  Returns how
 * many bytes of a block were accepted. */
static size_t
fill(Hub *hub)
{
    size_t taken;

    while (vt_char_write(hub->front.front, block, sizeof block) == sizeof block) {
        continue;
    }
    drain(hub->fds[0]);
    line_wait(10);
    taken = vt_char_write(hub->front.front, block, sizeof block);
    g_assert_cmpuint(taken, <, sizeof block);
    g_assert_cmpuint(drain(hub->fds[0]), >, 0);
    return taken;
}

VT_TEST(who_was_waited_for_and_goes_is_waited_for_no_longer, "/char/hub/slow-goes")
{
    size_t taken;
    Hub hub;

    hub_init(&hub);
    hub_connect(&hub, 0);
    hub_connect(&hub, 1);
    taken = fill(&hub);
    g_string_set_size(hub.front.events, 0);
    hub_hang_up(&hub, 1);
    g_assert_cmpstr(hub.front.events->str, ==, "w");
    /* Bytes that device 0 has received are not sent to it again. */
    g_assert_cmpuint(vt_char_write(hub.front.front, block, sizeof block - taken), ==, sizeof block - taken);
    g_assert_cmpuint(drain(hub.fds[0]), ==, 0);
    say(&hub, "and on");
    expect(hub.fds[0], "and on");
    hub_clear(&hub);
}

VT_TEST(a_new_front_end_begins_anew, "/char/hub/new-front")
{
    VtObject *line;
    Hub hub;

    hub_init(&hub);
    line = vt_vm_find(hub.vm->vm, "chardev", "c");
    hub_connect(&hub, 0);
    hub_connect(&hub, 1);
    fill(&hub);
    drain(hub.fds[1]);
    front_clear(&hub.front);
    front_init(&hub.front, line, "another");
    say(&hub, "anew");
    expect(hub.fds[0], "anew");
    hub_clear(&hub);
}

VT_TEST(a_hub_that_can_t_be_is_refused, "/char/hub/refused")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    const char *const cases[][2] = {
        {"chardev backend=null,id=n\nchardev backend=mux,id=m,chardev=n\nchardev backend=hub,id=h,chardevs.0=m",
         "chardevs[0]: 'm' is a mux"},
        {"chardev backend=null,id=n\nchardev backend=hub,id=g,chardevs.0=n\nchardev backend=hub,id=h,chardevs.0=g",
         "chardevs[0]: 'g' is a hub"},
        {"chardev backend=null,id=n\nchardev backend=hub,id=h,chardevs.0=n,chardevs.1=n", "'n' is already in use"},
        {"chardev backend=hub,id=h,chardevs.0=h", "h"},
        {"chardev backend=null,id=a\nchardev backend=null,id=b\nchardev backend=null,id=d\nchardev backend=null,id=e\n"
         "chardev backend=null,id=f\n"
         "chardev backend=hub,id=h,chardevs.0=a,chardevs.1=b,chardevs.2=d,chardevs.3=e,chardevs.4=f",
         "chardevs: 5 character devices exceed the maximum 4"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        test_vm_fails(vm, cases[i][0], cases[i][1]);
    }
}

VT_TEST(the_lines_of_a_hub_are_its_own, "/char/hub/in-use")
{
    g_autoptr(GError) error = NULL;
    Hub hub;

    hub_init(&hub);
    g_assert_false(vt_vm_delete(hub.vm->vm, "chardev", "b1", &error));
    g_assert_nonnull(strstr(error->message, "chardev 'c'"));
    hub_clear(&hub);
}
