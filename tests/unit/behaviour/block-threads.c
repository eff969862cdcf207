/* SPDX-License-Identifier: MIT */
/* Concurrent requests from several threads, while nodes are created and deleted. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "vt-backends/iothread.h"

#include "blocks.h"

#define WORKERS 3
#define DEPTH   8
#define BLOCK   4096
#define BLOCKS  64
#define ROUNDS  600

/* Each worker has its own part of the disk: it must read what it wrote last. */
typedef struct Worker {
    VtBlock *block;
    VtObject *iothread;
    int64_t start;
    GRand *random;
    unsigned char versions[BLOCKS];
    int left;
    _Atomic bool ready, done;
} Worker;

typedef struct Job {
    Worker *worker;
    size_t at;
    bool writes;
    unsigned char data[BLOCK];
} Job;

static void next(Job *job);

static void
on_answer(void *opaque, int result)
{
    Job *job = opaque;
    Worker *worker = job->worker;

    g_assert_cmpint(result, ==, 0);
    if (job->writes) {
        worker->versions[job->at] = job->data[0];
    } else {
        g_assert_cmpint(job->data[0], ==, worker->versions[job->at]);
        g_assert_true(memcmp(job->data, job->data + 1, BLOCK - 1) == 0);
    }
    next(job);
}

static void
next(Job *job)
{
    Worker *worker = job->worker;
    size_t stride = BLOCKS / DEPTH;

    if (!worker->left) {
        g_free(job);
        return;
    }
    if (--worker->left == 0) {
        worker->done = true;
    }
    /* Only blocks of this job, so that requests do not overlap. */
    job->at = job->at / stride * stride + (size_t)g_rand_int_range(worker->random, 0, (gint32)stride);
    job->writes = g_rand_boolean(worker->random);
    if (job->writes) {
        memset(job->data, (int)g_rand_int(worker->random), BLOCK);
        vt_block_write(worker->block, worker->start + (int64_t)job->at * BLOCK, job->data, BLOCK, 0, on_answer, job);
    } else {
        vt_block_read(worker->block, worker->start + (int64_t)job->at * BLOCK, job->data, BLOCK, on_answer, job);
    }
}

static gboolean
begin(gpointer opaque)
{
    Worker *worker = opaque;

    g_assert_true(worker->ready);
    for (size_t i = 0; i < DEPTH; i++) {
        Job *job = g_new0(Job, 1);

        job->worker = worker;
        job->at = i * (BLOCKS / DEPTH);
        next(job);
    }
    return G_SOURCE_REMOVE;
}

static void
start(Worker *worker, TestVm *vm, VtObject *node, int number)
{
    g_autofree char *text = g_strdup_printf("object iothread,id=t%d", number);
    g_autofree char *title = g_strdup_printf("worker %d", number);
    VtBlockUser user = {.title = title, .share = true};
    g_autoptr(GError) error = NULL;
    g_autofree char *id = g_strdup_printf("t%d", number);

    memset(worker, 0, sizeof(*worker));
    worker->random = g_rand_new_with_seed((guint32)number);
    worker->start = (int64_t)number * BLOCKS * BLOCK;
    worker->left = ROUNDS;
    worker->iothread = number ? test_vm_object(vm, text, id) : NULL;
    user.iothread = worker->iothread;
    worker->block = vt_block_open(node, &user, &error);
    g_assert_no_error(error);
    worker->ready = true;
    g_main_context_invoke(number ? vt_iothread_context(worker->iothread) : NULL, begin, worker);
}

static bool
all_done(const Worker *workers)
{
    bool done = true;

    for (int i = 0; i < WORKERS; i++) {
        done = done && workers[i].done;
    }
    return done;
}

/* Creates and deletes nodes and users meanwhile. */
static void
churn(TestVm *vm, const char *path)
{
    VtObject *node = test_node(vm, "x", "blockdev file,node-name=x,filename=%s,aio=threads", path);
    VtBlock *block = test_open(node);
    char data[512];

    g_assert_cmpint(test_write(block, 0, data, sizeof(data), 0), ==, 0);
    vt_block_close(block);
    test_node_delete(vm, "x");
}

static void
work_together(const char *options)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", WORKERS * BLOCKS * BLOCK);
    g_autofree char *other = test_image("other", 4096);
    VtObject *node = test_node(vm, "d",
                               "object throttle-group,id=g,limits.iops-total=1000000\n"
                               "blockdev file,node-name=f,filename=%s,%s\n"
                               "blockdev throttle,node-name=d,throttle-group=g,file=f",
                               path, options);
    Worker workers[WORKERS];
    g_autoptr(GError) error = NULL;
    int times = 0;

    for (int i = 0; i < WORKERS; i++) {
        start(&workers[i], vm, node, i);
    }
    g_assert_false(vt_vm_delete(vm->vm, "object", "t1", &error));
    g_assert_cmpstr(error->message, ==, "object 't1' is in use by worker 1");
    while (!all_done(workers) || times < 3) {
        churn(vm, other);
        times++;
        while (g_main_context_iteration(NULL, FALSE)) {
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        vt_block_close(workers[i].block);
        g_rand_free(workers[i].random);
    }
    g_unlink(path);
    g_unlink(other);
}

VT_TEST_THREADS(threads_work_on_one_node, "/block/workers/threads")
{
    work_together("aio=threads");
}

VT_TEST_THREADS(rings_work_on_one_node, "/block/workers/io_uring")
{
    extern const VtProbe vt_probe_io_uring;
    g_autofree char *detail = NULL;

    if (vt_probe_io_uring.ask(&detail) != VT_ANSWER_YES) {
        g_test_skip(detail);
        return;
    }
    work_together("aio=io_uring");
}

VT_TEST_THREADS(a_drain_waits_for_all, "/block/drain")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    VtObject *node = test_node(vm, "d",
                               "object throttle-group,id=g,limits.iops-total=1\n"
                               "blockdev null-co,node-name=n\n"
                               "blockdev throttle,node-name=d,throttle-group=g,file=n");
    VtObject *iothread = test_vm_object(vm, "object iothread,id=t", "t");
    const VtBlockUser users[] = {{.title = "one", .share = true},
                                 {.title = "two", .share = true, .iothread = iothread}};
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        VtBlock *block = vt_block_open(node, &users[i], &error);
        TestAnswer answers[4] = {{false, 0}};
        char data[512];

        g_assert_no_error(error);
        if (!i) {
            for (size_t k = 0; k < G_N_ELEMENTS(answers); k++) {
                vt_block_read(block, 0, data, sizeof(data), test_on_answer, &answers[k]);
            }
            vt_block_drain(block);
            for (size_t k = 0; k < G_N_ELEMENTS(answers); k++) {
                g_assert_true(answers[k].done && !answers[k].result);
            }
            vt_block_read(block, 0, data, sizeof(data), test_on_answer, memset(&answers[0], 0, sizeof(answers[0])));
        }
        vt_block_close(block);
        if (!i) {
            g_assert_cmpint(answers[0].result, ==, -ECANCELED);
        }
    }
}
