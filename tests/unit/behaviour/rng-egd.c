/* SPDX-License-Identifier: MIT */
/* An entropy gathering daemon on a character device. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "line.h"
#include "vt-backends/rng.h"

typedef struct Answers {
    size_t bytes, n;
    bool right;
    uint8_t next;
    TestVm *end; /* the callback deletes the source */
} Answers;

static void
take_answer(const void *data, size_t size, const GError *error, void *opaque)
{
    Answers *answers = opaque;

    g_assert_no_error(error);
    for (size_t i = 0; i < size; i++) {
        answers->right &= ((const uint8_t *)data)[i] == answers->next++;
    }
    answers->bytes += size;
    answers->n++;
    if (answers->end) {
        test_vm_delete(g_steal_pointer(&answers->end), "r");
    }
}

static size_t
question(int fd)
{
    uint8_t bytes[2];

    while (recv(fd, bytes, 2, MSG_DONTWAIT | MSG_PEEK) < 2) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpint(recv(fd, bytes, 2, 0), ==, 2);
    g_assert_cmpuint(bytes[0], ==, 2);
    return bytes[1];
}

static void
send_bytes(int fd, uint8_t *next, size_t size)
{
    while (size--) {
        g_assert_cmpint(send(fd, next, 1, MSG_NOSIGNAL), ==, 1);
        ++*next;
    }
}

static VtObject *
source_on(TestVm *vm, const char *path)
{
    g_autofree char *text = g_strdup_printf("backend=socket,id=c,addr.type=unix,addr.data.path=%s,server=on", path);

    line_new(vm, text);
    return test_vm_object(vm, "object rng-egd,id=r,chardev=c", "r");
}

VT_TEST(a_daemon_is_asked_and_answers, "/rng/egd/answers")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("egd", NULL, 0);
    VtObject *rng = source_on(vm, path);
    Answers answers = {.right = true};
    uint8_t next = 0;
    int fd = line_connect(path);

    vt_rng_request(rng, 300, take_answer, &answers);
    vt_rng_request(rng, 7, take_answer, &answers);
    vt_rng_cancel(vt_rng_request(rng, 100, take_answer, &answers));
    /* The first request was made before the daemon connected. */
    g_assert_cmpuint(question(fd), ==, 255);
    send_bytes(fd, &next, 255);
    line_wait(5);
    g_assert_cmpuint(answers.n, ==, 0);
    send_bytes(fd, &next, 45);
    while (answers.n < 1) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(answers.bytes, ==, 300);
    send_bytes(fd, &next, 7);
    while (answers.n < 2) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_true(answers.right);
    close(fd);
}

VT_TEST(a_daemon_that_comes_back_is_asked_for_the_rest, "/rng/egd/again")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("egd", NULL, 0);
    VtObject *rng = source_on(vm, path);
    Answers answers = {.right = true};
    uint8_t next = 0;
    int fd = line_connect(path);

    vt_rng_request(rng, 20, take_answer, &answers);
    g_assert_cmpuint(question(fd), ==, 20);
    send_bytes(fd, &next, 12);
    close(fd);
    line_wait(5);
    fd = line_connect(path);
    g_assert_cmpuint(question(fd), ==, 8);
    send_bytes(fd, &next, 8);
    while (answers.n < 1) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_true(answers.right && answers.bytes == 20);
    close(fd);
}

VT_TEST(a_source_on_a_daemon_may_go_while_it_answers, "/rng/egd/end")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_file("egd", NULL, 0);
    VtObject *rng = source_on(vm, path);
    Answers answers = {.right = true, .end = vm};
    g_autoptr(GError) error = NULL;
    uint8_t next = 0;
    int fd = line_connect(path);

    g_assert_false(vt_vm_delete(vm->vm, "chardev", "c", &error));
    g_assert_nonnull(strstr(error->message, "in use by object 'r'"));
    test_vm_fails(vm, "object rng-egd,id=s,chardev=c", "chardev 'c' is already in use by object 'r'");
    vt_rng_request(rng, 1, take_answer, &answers);
    vt_rng_request(rng, 1, take_answer, &answers);
    question(fd);
    send_bytes(fd, &next, 2);
    while (answers.n < 1) {
        g_main_context_iteration(NULL, TRUE);
    }
    line_wait(5);
    g_assert_cmpuint(answers.n, ==, 1);
    line_delete(vm, "c");
    close(fd);
}
