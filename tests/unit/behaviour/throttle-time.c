/* SPDX-License-Identifier: MIT */
/* Groups keep their limits in real time.  All run in parallel, because each takes ten seconds. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "vt-backends/iothread.h"
#include "vt-runtime/error.h"

#include "blocks.h"

#define SECONDS 10
#define DEPTH   8

/* Submits as many requests as the group admits. */
typedef struct Eater {
    VtBlock *block;
    size_t size;
    bool writes;
    _Atomic int64_t done;
    _Atomic bool ready, full;
    char *data;
} Eater;

static void
on_answer(void *opaque, int result)
{
    Eater *eater = opaque;
    bool write = eater->writes;

    if (result == -ECANCELED || eater->full) {
        return;
    }
    g_assert_cmpint(result, ==, 0);
    eater->done++;
    if (write) {
        vt_block_write(eater->block, 0, eater->data, eater->size, 0, on_answer, eater);
    } else {
        vt_block_read(eater->block, 0, eater->data, eater->size, on_answer, eater);
    }
}

static gboolean
begin(gpointer opaque)
{
    Eater *eater = opaque;

    g_assert_true(eater->ready);
    for (int i = 0; i < DEPTH; i++) {
        eater->done--;
        on_answer(eater, 0);
    }
    return G_SOURCE_REMOVE;
}

static void
start(Eater *eater, TestVm *vm, const char *node, VtObject *iothread, bool writes, size_t size)
{
    const VtBlockUser user = {.title = "the eater", .share = true, .iothread = iothread};
    g_autoptr(GError) error = NULL;

    memset(eater, 0, sizeof(*eater));
    eater->size = size;
    eater->writes = writes;
    eater->data = g_malloc0(size);
    eater->block = vt_block_open(vt_vm_find(vm->vm, "block-node", node), &user, &error);
    g_assert_no_error(error);
    eater->ready = true;
    g_main_context_invoke(iothread ? vt_iothread_context(iothread) : NULL, begin, eater);
}

static int64_t
stop(Eater *eater)
{
    int64_t done;

    eater->full = true;
    done = eater->done;
    vt_block_close(eater->block);
    g_free(eater->data);
    return done;
}

static gboolean
on_time(gpointer opaque)
{
    *(bool *)opaque = true;
    return G_SOURCE_REMOVE;
}

static double
eat_for(guint ms)
{
    gint64 start = g_get_monotonic_time();
    bool over = false;

    g_timeout_add(ms, on_time, &over);
    while (!over) {
        g_main_context_iteration(NULL, TRUE);
    }
    return (double)(g_get_monotonic_time() - start) / 1e6;
}

static void
judge(const char *what, double got, double expected, double tolerance)
{
    g_test_message("%s: %.1f of %.1f, ratio %.3f", what, got, expected, got / expected);
    g_assert_cmpfloat(got, >, expected * (1 - tolerance));
    g_assert_cmpfloat(got, <, expected * (1 + tolerance));
}

VT_TEST_THREADS(groups_hold_their_limits, "/throttle/ten-seconds")
{
    static const char texts[] = "object iothread,id=t\nobject iothread,id=u\n"
                                "object throttle-group,id=bytes,limits.bps-total=20000000\n"
                                "object throttle-group,id=reads,limits.iops-read=500\n"
                                "object throttle-group,id=sized,limits.iops-total=300,limits.iops-size=4096\n"
                                "object throttle-group,id=burst,limits.bps-write=1000000,limits.bps-write-max=4000000,"
                                "limits.bps-write-max-length=2\n"
                                "blockdev null-co,node-name=n,size=1048576\n"
                                "blockdev throttle,node-name=a,throttle-group=bytes,file=n\n"
                                "blockdev throttle,node-name=b,throttle-group=bytes,file=n\n"
                                "blockdev throttle,node-name=c,throttle-group=reads,file=n\n"
                                "blockdev throttle,node-name=d,throttle-group=sized,file=n\n"
                                "blockdev throttle,node-name=e,throttle-group=burst,file=n";
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    bool good = test_vm_start(vm, texts, &error);
    VtObject *t = vt_vm_find(vm->vm, "object", "t"), *u = vt_vm_find(vm->vm, "object", "u");
    Eater a, b, c, w, d, e;
    double seconds, burst;
    int64_t na, nb;

    g_assert_no_error(error);
    g_assert_true(good);
    start(&a, vm, "a", NULL, false, 65536);
    start(&b, vm, "b", t, true, 65536);
    start(&c, vm, "c", t, false, 4096);
    start(&d, vm, "d", u, false, 8192);
    start(&e, vm, "e", NULL, true, 10000);
    seconds = eat_for(2000);
    burst = (double)e.done * 10000;
    seconds += eat_for((SECONDS - 2) * 1000);
    na = stop(&a);
    nb = stop(&b);
    judge("bps-total", (double)(na + nb) * 65536, seconds * 20e6, 0.05);
    judge("fair share", (double)na / (double)(na + nb), 0.5, 0.05);
    judge("iops-read", (double)stop(&c), seconds * 500, 0.05);
    judge("iops-total of sized requests", (double)stop(&d) * 2, seconds * 300, 0.05);
    judge("burst of two seconds", burst, 2 * 4e6, 0.1);
    judge("bps-write with a burst", (double)stop(&e) * 10000, 8e6 + seconds * 1e6, 0.05);
    start(&w, vm, "c", NULL, true, 512);
    eat_for(100);
    /* Only reads are limited. */
    g_assert_cmpint(stop(&w), >, 200);
}

static bool
set(VtObject *object, const char *member, const char *value, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(value, strlen(value), member);

    return vt_object_set(object, member, input, error);
}

VT_TEST_THREADS(limits_change_while_requests_wait, "/throttle/set")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *group = test_vm_object(vm, "object throttle-group,id=g,limits.iops-total=1", "g");
    VtBlock *block = test_open(test_node(vm, "n",
                                         "blockdev null-co,node-name=z\n"
                                         "blockdev throttle,node-name=n,throttle-group=g,file=z"));
    TestAnswer answers[20] = {{false, 0}};
    char data[512];
    gint64 start = g_get_monotonic_time();

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        vt_block_read(block, 0, data, sizeof(data), test_on_answer, &answers[i]);
    }
    g_assert_false(set(group, "limits", "{\"iops-total\": 5, \"iops-read\": 5}", &error));
    g_assert_cmpstr(error->message, ==, "limits.iops-total and limits.iops-read cannot be used at the same time");
    g_clear_error(&error);
    g_assert_true(set(group, "limits", "{\"iops-total\": 1000}", &error));
    test_await(&answers[G_N_ELEMENTS(answers) - 1]);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 3000000);
    vt_block_close(block);
}
