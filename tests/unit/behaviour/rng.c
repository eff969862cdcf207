/* SPDX-License-Identifier: MIT */
/* Entropy sources: requests, their order, and cancellation. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "vt-backends/rng.h"

#include "backends.h"

typedef struct Answers {
    GString *order; /* one letter per reply */
    size_t bytes;
    char first[8];
    char *error;
    VtObject *again; /* the callback submits another request */
    TestVm *end;     /* the callback deletes the source */
} Answers;

static void
count_answer(const void *data, size_t size, const GError *error, void *opaque)
{
    Answers *answers = opaque;

    answers->bytes += size;
    if (data) {
        memcpy(answers->first, data, MIN(size, sizeof answers->first));
    } else {
        answers->error = g_strdup(error->message);
    }
    if (answers->order) {
        g_string_append_c(answers->order, (char)('0' + size));
    }
    if (answers->again) {
        vt_rng_request(g_steal_pointer(&answers->again), 5, count_answer, answers);
    }
    if (answers->end) {
        test_vm_delete(g_steal_pointer(&answers->end), "r");
    }
}

static void
wait_for(Answers *answers, size_t bytes)
{
    while (answers->bytes < bytes && !answers->error) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(answers->bytes, ==, bytes);
}

VT_TEST(bytes_are_random, "/rng/random")
{
    static const char *const texts[] = {"object rng-builtin,id=r", "object rng-random,id=r"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(TestVm) vm = test_vm_empty();
        VtObject *rng = test_vm_object(vm, texts[i], "r");
        Answers one = {.bytes = 0}, two = {.bytes = 0};

        vt_rng_request(rng, 8, count_answer, &one);
        vt_rng_request(rng, 8, count_answer, &two);
        g_assert_cmpuint(one.bytes, ==, 0);
        wait_for(&two, 8);
        g_assert_cmpuint(one.bytes, ==, 8);
        g_assert_cmpmem(one.first, 8, one.first, 8);
        g_assert_true(memcmp(one.first, two.first, 8) != 0);
    }
}

VT_TEST(requests_are_answered_in_order, "/rng/order")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *rng = test_vm_object(vm, "object rng-builtin,id=r", "r");
    Answers answers = {.order = g_string_new(NULL), .again = rng};
    VtRngRequest *cancelled;

    vt_rng_request(rng, 1, count_answer, &answers);
    vt_rng_request(rng, 2, count_answer, &answers);
    cancelled = vt_rng_request(rng, 3, count_answer, &answers);
    vt_rng_request(rng, 4, count_answer, &answers);
    vt_rng_cancel(cancelled);
    wait_for(&answers, 12);
    g_assert_cmpstr(answers.order->str, ==, "1245");
    cancelled = vt_rng_request(rng, 3, count_answer, &answers);
    vt_rng_cancel(cancelled);
    g_assert_false(g_main_context_pending(NULL));
    vt_rng_request(rng, SIZE_MAX, count_answer, &answers);
    wait_for(&answers, 12 + 65536);
    g_string_free(answers.order, TRUE);
}

VT_TEST(a_source_may_go_while_it_answers, "/rng/end")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    Answers answers = {.end = vm};
    VtObject *rng = test_vm_object(vm, "object rng-builtin,id=r", "r");

    vt_rng_request(rng, 1, count_answer, &answers);
    vt_rng_request(rng, 2, count_answer, &answers);
    wait_for(&answers, 1);
    g_assert_false(g_main_context_pending(NULL));
    g_assert_cmpuint(answers.bytes, ==, 1);
}

VT_TEST(a_file_gives_what_it_has, "/rng/file")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("random", "xyz", 3);
    g_autofree char *text = g_strdup_printf("object rng-random,id=r,filename=%s", path);
    g_autofree char *message = NULL;
    VtObject *rng = test_vm_object(vm, text, "r");
    Answers answers = {.bytes = 0};

    vt_rng_request(rng, 100, count_answer, &answers);
    wait_for(&answers, 3);
    g_assert_cmpmem(answers.first, 3, "xyz", 3);
    vt_rng_request(rng, 100, count_answer, &answers);
    while (!answers.error) {
        g_main_context_iteration(NULL, TRUE);
    }
    message = answers.error;
    g_assert_cmpstr(message, ==, "source 'r': end of file");
    g_unlink(path);
    test_vm_fails(vm, "object rng-random,id=x,filename=/nowhere", "filename: '/nowhere': No such file");
}

VT_TEST(a_slow_source_is_waited_for, "/rng/slow")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("fifo", NULL, 0);
    g_autofree char *text = g_strdup_printf("object rng-random,id=r,filename=%s", path);
    Answers answers = {.bytes = 0};
    VtObject *rng;
    int fd;

    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    rng = test_vm_object(vm, text, "r");
    fd = open(path, O_WRONLY | O_NONBLOCK);
    vt_rng_request(rng, 100, count_answer, &answers);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_assert_cmpint(write(fd, "ab", 2), ==, 2);
    wait_for(&answers, 2);
    /* Dropped without a callback. */
    vt_rng_request(rng, 100, count_answer, &answers);
    test_vm_delete(vm, "r");
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    g_assert_cmpuint(answers.bytes, ==, 2);
    close(fd);
    g_unlink(path);
}

VT_TEST(sources_come_and_go, "/rng/churn")
{
    test_vm_churn("object rng-builtin,id=r", "r");
    test_vm_churn("object rng-random,id=r", "r");
}
