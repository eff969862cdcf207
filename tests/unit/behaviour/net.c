/* SPDX-License-Identifier: MIT */
/* Links: queues, ready callbacks, and resource leaks of backends. */
#include "vt-backends/net.h"

#include <malloc.h>
#include <string.h>

#include "backends.h"

typedef struct End {
    VtNetEnd *end;
    GString *got; /* one letter per frame */
    int room;     /* number of frames that the end accepts */
    int ready;
    bool echoes; /* replies to each frame during its delivery */
} End;

static void
send_letter(VtNetEnd *end, char letter)
{
    struct iovec iov = {&letter, 1};

    vt_net_send(end, &iov, 1);
}

static bool
deliver(void *opaque, const struct iovec *iov, size_t n)
{
    End *end = opaque;
    char letter;

    g_assert_cmpuint(vt_iov_copy(iov, n, 0, &letter, 1), ==, 1);
    if (!end->room) {
        return false;
    }
    end->room--;
    g_string_append_c(end->got, letter);
    if (end->echoes && letter < 'z') {
        send_letter(end->end, (char)(letter + 1));
    }
    return true;
}

static void
ready(void *opaque)
{
    ((End *)opaque)->ready++;
}

static const VtNetOps ops = {.deliver = deliver, .ready = ready};

static void
make_pair(End pair[2])
{
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 2; i++) {
        pair[i] = (End){.got = g_string_new(NULL), .room = 1000};
        pair[i].end = vt_net_end_new(&ops, &pair[i]);
    }
    g_assert_true(vt_net_connect(pair[0].end, pair[1].end, &error));
    g_assert_false(vt_net_connect(pair[0].end, pair[1].end, &error));
    g_assert_nonnull(error);
}

static void
free_pair(End pair[2])
{
    for (int i = 0; i < 2; i++) {
        vt_net_end_free(pair[i].end);
        g_string_free(pair[i].got, TRUE);
    }
}

VT_TEST(frames_wait_in_their_order, "/net/cable/order")
{
    End pair[2];

    make_pair(pair);
    pair[1].room = 1;
    send_letter(pair[0].end, 'a');
    send_letter(pair[0].end, 'b');
    g_assert_false(vt_net_can_send(pair[0].end));
    send_letter(pair[0].end, 'c');
    g_assert_cmpstr(pair[1].got->str, ==, "a");
    pair[1].room = 1;
    vt_net_flush(pair[1].end);
    g_assert_cmpstr(pair[1].got->str, ==, "ab");
    g_assert_cmpint(pair[0].ready, ==, 0);
    pair[1].room = 9;
    vt_net_flush(pair[1].end);
    vt_net_flush(pair[1].end);
    g_assert_cmpstr(pair[1].got->str, ==, "abc");
    g_assert_cmpint(pair[0].ready, ==, 1);
    g_assert_true(vt_net_can_send(pair[0].end));
    free_pair(pair);
}

VT_TEST(answers_during_delivery_come_after_it, "/net/cable/echo")
{
    End pair[2];

    make_pair(pair);
    pair[0].echoes = pair[1].echoes = true;
    send_letter(pair[0].end, 'a');
    g_assert_cmpstr(pair[1].got->str, ==, "acegikmoqsuwy");
    g_assert_cmpstr(pair[0].got->str, ==, "bdfhjlnprtvxz");
    free_pair(pair);
}

VT_TEST(a_cable_that_is_off_drops_frames, "/net/cable/off")
{
    End pair[2];

    make_pair(pair);
    pair[1].room = 0;
    send_letter(pair[0].end, 'a');
    vt_net_disconnect(pair[0].end);
    pair[1].room = 9;
    vt_net_flush(pair[1].end);
    g_assert_true(vt_net_can_send(pair[0].end));
    send_letter(pair[0].end, 'b');
    g_assert_cmpstr(pair[1].got->str, ==, "");
    free_pair(pair);
}

VT_TEST(a_filter_is_switched_while_it_runs, "/net/filter/status")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = test_file("filter.pcap", NULL, 0);
    g_autofree char *text =
        g_strdup_printf("netdev hubport,id=n,hubid=3\nobject filter-dump,id=f,netdev=n,file=%s", path);
    VtObject *filter = test_vm_object(vm, text, "f");
    static const char *const values[] = {"\"off\"", "\"maybe\"", "\"on\""};

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(VtInput) input = vt_input_new_json(values[i], strlen(values[i]), "status");

        g_assert_true(vt_object_set(filter, "status", input, NULL) == (i != 1));
    }
    g_assert_false(vt_vm_delete(vm->vm, "netdev", "n", &error));
    g_assert_nonnull(strstr(error->message, "in use by"));
}

/* ---- creation and deletion ----------------------------------------------------------------------------- */

#define TIMES 10000
#define WARM  500 /* one-time allocations are done by then */
#define SLACK (64 << 10)

static size_t
count_descriptors(void)
{
    GDir *directory = g_dir_open("/proc/self/fd", 0, NULL);
    size_t n = 0;

    g_assert_nonnull(directory);
    while (g_dir_read_name(directory)) {
        n++;
    }
    g_dir_close(directory);
    return n;
}

static size_t
count_heap(void)
{
#ifdef __SANITIZE_ADDRESS__
    /* A sanitizer keeps freed memory, and detects leaks itself. */
    return 0;
#else
    return mallinfo2().uordblks;
#endif
}

static void
delete_netdev(TestVm *vm, const char *id)
{
    g_autoptr(GError) error = NULL;

    vt_vm_delete(vm->vm, "netdev", id, &error);
    g_assert_no_error(error);
}

/* Creates and deletes the network backend, a port for it and a filter on it many times. */
static void
churn(const char *members)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *texts = g_strdup_printf("netdev %s,id=n\nnetdev hubport,id=h,hubid=0,netdev=n\n"
                                             "object filter-dump,id=f,netdev=n,file=/dev/null",
                                             members);
    size_t descriptors = 0, heap = 0;

    for (int i = 0, times = vt_test_times(TIMES); i < times; i++) {
        if (i == WARM) {
            descriptors = count_descriptors();
            heap = count_heap();
        }
        test_vm_object(vm, texts, "f");
        g_main_context_iteration(NULL, FALSE);
        test_vm_delete(vm, "f");
        delete_netdev(vm, "h");
        delete_netdev(vm, "n");
    }
    g_assert_cmpuint(count_descriptors(), ==, descriptors);
    g_assert_cmpuint(count_heap(), <, heap + SLACK);
}

VT_TEST(nothing_is_left_of_streams, "/net/churn/stream")
{
    g_autofree char *path = test_file("churn.socket", NULL, 0);
    g_autofree char *server = g_strdup_printf("stream,server=on,addr.type=unix,addr.path=%s", path);
    g_autofree char *client = g_strdup_printf("stream,reconnect-ms=1,addr.type=unix,addr.path=%s", path);

    churn(server);
    churn(client);
}

VT_TEST(nothing_is_left_of_datagrams, "/net/churn/dgram")
{
    g_autofree char *path = test_file("churn.socket", NULL, 0);
    g_autofree char *text =
        g_strdup_printf("dgram,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s.other", path, path);

    churn(text);
}

#ifdef CONFIG_SLIRP
VT_TEST(nothing_is_left_of_user_networks, "/net/churn/user")
{
    churn("user,hostfwd.0.str=tcp:127.0.0.1:0-:22,guestfwd.0.str=tcp:10.0.2.100:1-cmd:cat,dnssearch.0.str=example");
}
#endif
