/* SPDX-License-Identifier: MIT */
/* I/O threads: their main loops and their polling. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../backends/conf/poll.h"

#include "vt-backends/iothread.h"
#include "vt-runtime/error.h"

#include "backends.h"

typedef struct Call {
    GMutex mutex;
    GCond cond;
    int64_t thread; /* 0: not called yet */
    GMainContext *context;
} Call;

static gboolean
on_call(gpointer opaque)
{
    Call *call = opaque;

    g_mutex_lock(&call->mutex);
    call->thread = syscall(SYS_gettid);
    call->context = g_main_context_get_thread_default();
    g_cond_signal(&call->cond);
    g_mutex_unlock(&call->mutex);
    return G_SOURCE_REMOVE;
}

static Call
call_in(VtObject *iothread)
{
    Call call = {.thread = 0};

    g_mutex_init(&call.mutex);
    g_cond_init(&call.cond);
    g_main_context_invoke(vt_iothread_context(iothread), on_call, &call);
    g_mutex_lock(&call.mutex);
    while (!call.thread) {
        g_cond_wait(&call.cond, &call.mutex);
    }
    g_mutex_unlock(&call.mutex);
    g_mutex_clear(&call.mutex);
    g_cond_clear(&call.cond);
    return call;
}

VT_TEST_THREADS(callbacks_run_in_the_thread, "/iothread/call")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *one = test_vm_object(vm, "object iothread,id=one", "one");
    VtObject *two = test_vm_object(vm, "object iothread,id=two,poll-max-ns=0,aio-max-batch=7,thread-pool-max=9", "two");
    VtIothreadLimits limits = vt_iothread_limits(two);

    for (int i = 0; i < 100; i++) {
        Call in_one = call_in(one), in_two = call_in(two);

        g_assert_cmpint(in_one.thread, ==, vt_iothread_id(one));
        g_assert_true(in_one.context == vt_iothread_context(one));
        g_assert_cmpint(in_two.thread, ==, vt_iothread_id(two));
        g_assert_cmpint(in_one.thread, !=, in_two.thread);
    }
    g_assert_cmpint(limits.aio_max_batch, ==, 7);
    g_assert_cmpint(limits.thread_pool_min, ==, 0);
    g_assert_cmpint(limits.thread_pool_max, ==, 9);
}

static bool
set(VtObject *object, const char *member, const char *value, GError **error)
{
    g_autoptr(VtInput) input = vt_input_new_json(value, strlen(value), member);

    return vt_object_set(object, member, input, error);
}

VT_TEST_THREADS(a_running_thread_takes_new_values, "/iothread/set")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autoptr(GError) error = NULL;
    VtObject *object = test_vm_object(vm, "object iothread,id=t", "t");

    g_assert_true(set(object, "poll-max-ns", "1000000", &error));
    g_assert_true(set(object, "thread-pool-max", "4", &error));
    g_assert_true(set(object, "thread-pool-min", "4", &error));
    g_assert_cmpint(vt_iothread_limits(object).thread_pool_min, ==, 4);
    call_in(object);
    g_assert_false(set(object, "thread-pool-min", "5", &error));
    g_assert_cmpstr(error->message, ==, "thread-pool-min: 5 exceeds thread-pool-max, 4");
    g_assert_cmpint(vt_iothread_limits(object).thread_pool_min, ==, 4);
    g_clear_error(&error);
    g_assert_false(set(object, "poll-grow", "-1", &error));
    test_vm_fails(vm, "object iothread,id=u,thread-pool-min=65", "thread-pool-min: 65 exceeds thread-pool-max, 64");
    test_vm_fails(vm, "object iothread,id=u,thread-pool-max=0", "thread-pool-max");
    test_vm_fails(vm, "object iothread,id=u,poll-max-ns=-1", "poll-max-ns");
}

VT_TEST_THREADS(the_time_without_sleep_adapts, "/iothread/adapt")
{
    /* An event within the polling time keeps it.  Soon after it, the time grows.  Much later, it shrinks. */
    g_assert_cmpint(vt_poll_adapt(8000, 5000, 32768, 0, 0), ==, 8000);
    g_assert_cmpint(vt_poll_adapt(0, 5000, 32768, 0, 0), ==, 4000);
    g_assert_cmpint(vt_poll_adapt(4000, 5000, 32768, 0, 0), ==, 8000);
    g_assert_cmpint(vt_poll_adapt(4000, 5000, 32768, 3, 0), ==, 12000);
    g_assert_cmpint(vt_poll_adapt(30000, 31000, 32768, 0, 0), ==, 32768);
    g_assert_cmpint(vt_poll_adapt(8000, 50000, 32768, 0, 0), ==, 0);
    g_assert_cmpint(vt_poll_adapt(8000, 50000, 32768, 0, 4), ==, 2000);
    g_assert_cmpint(vt_poll_adapt(0, 100, 1000, 0, 0), ==, 1000);
    g_assert_cmpint(vt_poll_adapt(INT64_MAX / 2, INT64_MAX - 1, INT64_MAX, 1000, 0), ==, INT64_MAX);
}

VT_TEST_THREADS(waiting_keeps_its_time, "/iothread/wait")
{
    VtPollLimits limits = {.max_ns = 2000000};

    for (int i = 0; i < 2; i++) {
        vt_poll_set_limits(i ? &limits : NULL);
        for (int k = 0; k < 5; k++) {
            gint64 start = g_get_monotonic_time();

            g_assert_cmpint(vt_poll(NULL, 0, 3), ==, 0);
            g_assert_cmpint(g_get_monotonic_time() - start, >=, 2000);
            g_assert_cmpint(vt_poll(NULL, 0, 0), ==, 0);
        }
    }
    vt_poll_set_limits(NULL);
}

VT_TEST_THREADS(threads_come_and_go, "/iothread/churn")
{
    test_vm_churn("object iothread,id=t", "t");
}
