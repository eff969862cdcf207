/* SPDX-License-Identifier: MIT */
/*
 * Random overlapping requests, compared with an exact model.  Each write of a round has its own value.  After a round,
 * each byte must have the value of a write that no later write replaced.  A write replaces another one only if it
 * begins after the other one has ended.  A concurrent read must see such values, too.
 *
 * VT_OVERLAP_ROUNDS: number of rounds of each test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "vt-backends/iothread.h"

#include "blocks.h"

extern const VtProbe vt_probe_io_uring;

#define USUAL_ROUNDS 40
#define SIZE         (64 << 10)
#define AREA         6144 /* size of the tested area */
#define LARGEST      1500
#define BATCH        24 /* requests per round */
#define DEPTH        6  /* queue depth of each thread */
#define WORKERS      3
#define BEFORE       255 /* initial content of the area */

typedef enum Kind { READ, WRITE, ZEROES, DISCARD } Kind;

typedef struct Job {
    struct Worker *worker;
    Kind kind;
    size_t at, size;
    unsigned char value;
    int begun, ended; /* logical time of the test */
    unsigned char data[LARGEST];
} Job;

typedef struct Worker {
    struct World *world;
    VtBlock *block;
    GMainContext *context;
    Job jobs[BATCH];
    size_t n_jobs, next;
    _Atomic bool ready;
} Worker;

typedef struct World {
    Worker workers[WORKERS];
    size_t n_workers;
    GRand *random;
    _Atomic int clock, left;
    unsigned char *found; /* content of the area after the round */
} World;

/* ---- a round ------------------------------------------------------------------------------------------- */

static void submit(Worker *worker);

static void
on_answer(void *opaque, int result)
{
    Job *job = opaque;
    Worker *worker = job->worker;

    g_assert_cmpint(result, ==, 0);
    job->ended = ++worker->world->clock;
    submit(worker);
    if (--worker->world->left == 0) {
        g_main_context_wakeup(NULL);
    }
}

static void
submit(Worker *worker)
{
    Job *job = &worker->jobs[worker->next];
    int64_t at = (int64_t)job->at;

    if (worker->next == worker->n_jobs) {
        return;
    }
    worker->next++;
    job->begun = ++worker->world->clock;
    switch (job->kind) {
    case READ:
        vt_block_read(worker->block, at, job->data, job->size, on_answer, job);
        break;
    case WRITE:
        vt_block_write(worker->block, at, job->data, job->size, job->value % 8 ? 0 : VT_BLOCK_FUA, on_answer, job);
        break;
    case ZEROES:
        vt_block_write_zeroes(worker->block, at, (int64_t)job->size, job->at % 2 ? VT_BLOCK_MAY_UNMAP : 0, on_answer,
                              job);
        break;
    default:
        vt_block_discard(worker->block, at, (int64_t)job->size, on_answer, job);
    }
}

static gboolean
begin(gpointer opaque)
{
    Worker *worker = opaque;

    g_assert_true(worker->ready);
    for (int i = 0; i < DEPTH; i++) {
        submit(worker);
    }
    return G_SOURCE_REMOVE;
}

static void
plan(World *world, Job *job, unsigned char value)
{
    size_t unit = g_rand_int_range(world->random, 0, 3) ? 1 : 512;
    int what = g_rand_int_range(world->random, 0, 10);

    job->kind = what < 5 ? WRITE : what < 8 ? READ : what < 9 ? ZEROES : DISCARD;
    job->at = (size_t)g_rand_int_range(world->random, 0, AREA) / unit * unit;
    job->size = (size_t)g_rand_int_range(world->random, (gint32)unit, LARGEST) / unit * unit;
    job->size = MIN(job->size, AREA - job->at);
    job->value = job->kind == WRITE ? value : 0;
    memset(job->data, value, sizeof(job->data));
}

static void
run_round(World *world)
{
    VtBlock *block = world->workers[0].block;

    memset(world->found, BEFORE, AREA);
    g_assert_cmpint(test_write(block, 0, world->found, AREA, 0), ==, 0);
    world->clock = 0;
    world->left = BATCH;
    for (size_t i = 0; i < world->n_workers; i++) {
        world->workers[i].n_jobs = world->workers[i].next = 0;
    }
    for (size_t i = 0; i < BATCH; i++) {
        Worker *worker = &world->workers[i % world->n_workers];

        worker->jobs[worker->n_jobs].worker = worker;
        plan(world, &worker->jobs[worker->n_jobs++], (unsigned char)(i + 1));
    }
    for (size_t i = world->n_workers; i-- > 0;) {
        world->workers[i].ready = true;
        g_main_context_invoke(world->workers[i].context, begin, &world->workers[i]);
    }
    while (world->left) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(test_read(block, 0, world->found, AREA), ==, 0);
}

/* ---- the model ----------------------------------------------------------------------------------------- */

static bool
covers(const Job *job, size_t at)
{
    return job->kind != READ && at >= job->at && at < job->at + job->size;
}

/* Returns whether another write replaced the one that ended at @ended, before @begun. */
static bool
is_replaced(const World *world, size_t at, int ended, int begun)
{
    for (size_t i = 0; i < world->n_workers; i++) {
        const Worker *worker = &world->workers[i];

        for (size_t k = 0; k < worker->n_jobs; k++) {
            const Job *job = &worker->jobs[k];

            if (covers(job, at) && job->kind != DISCARD && job->begun > ended && job->ended < begun) {
                return true;
            }
        }
    }
    return false;
}

/* Values that a read from @begun to @ended may return. */
static void
find_allowed(const World *world, size_t at, int begun, int ended, bool *allowed)
{
    memset(allowed, 0, 256);
    allowed[BEFORE] = !is_replaced(world, at, 0, begun);
    for (size_t i = 0; i < world->n_workers; i++) {
        const Worker *worker = &world->workers[i];

        for (size_t k = 0; k < worker->n_jobs; k++) {
            const Job *job = &worker->jobs[k];

            if (covers(job, at) && job->begun < ended && !is_replaced(world, at, job->ended, begun)) {
                allowed[job->value] = true;
            }
        }
    }
}

static bool
is_allowed(const World *world, const bool *edges, size_t at, const unsigned char *data, size_t size, int begun,
           int ended)
{
    bool allowed[256];

    for (size_t i = 0; i < size; i++) {
        if (!i || edges[at + i]) {
            find_allowed(world, at + i, begun, ended, allowed);
        }
        if (!allowed[data[i]]) {
            g_test_message("byte %zu is %d", at + i, data[i]);
            return false;
        }
    }
    return true;
}

static bool
is_good(const World *world)
{
    bool edges[AREA + 1] = {false};
    bool good = true;

    for (size_t i = 0; i < world->n_workers; i++) {
        for (size_t k = 0; k < world->workers[i].n_jobs; k++) {
            const Job *job = &world->workers[i].jobs[k];

            edges[job->at] = edges[job->at + job->size] = true;
        }
    }
    for (size_t i = 0; i < world->n_workers; i++) {
        for (size_t k = 0; k < world->workers[i].n_jobs; k++) {
            const Job *job = &world->workers[i].jobs[k];

            good = good && (job->kind != READ ||
                            is_allowed(world, edges, job->at, job->data, job->size, job->begun, job->ended));
        }
    }
    return good && is_allowed(world, edges, 0, world->found, AREA, INT_MAX, INT_MAX);
}

/* ---- the test ------------------------------------------------------------------------------------------ */

static bool
skip(const char *options, const char *path)
{
    bool direct = strstr(options, "cache.direct=on");
    g_autofree char *detail = NULL;
    int fd = open(path, O_RDWR | O_CLOEXEC | (direct ? O_DIRECT : 0));

    if (fd < 0) {
        g_test_skip("the file system of temporary files has no O_DIRECT");
        return true;
    }
    close(fd);
    if (strstr(options, "aio=io_uring") && vt_probe_io_uring.ask(&detail) != VT_ANSWER_YES) {
        g_test_skip(detail);
        return true;
    }
    return false;
}

static void
start_worker(World *world, TestVm *vm, VtObject *node)
{
    size_t number = world->n_workers++;
    g_autofree char *text = g_strdup_printf("object iothread,id=t%zu", number);
    g_autofree char *id = g_strdup_printf("t%zu", number);
    VtObject *iothread = number ? test_vm_object(vm, text, id) : NULL;
    const VtBlockUser user = {.title = "the test", .share = true, .iothread = iothread};
    g_autoptr(GError) error = NULL;

    world->workers[number].world = world;
    world->workers[number].context = iothread ? vt_iothread_context(iothread) : NULL;
    world->workers[number].block = vt_block_open(node, &user, &error);
    g_assert_no_error(error);
}

static void
run_rounds(World *world)
{
    const char *text = g_getenv("VT_OVERLAP_ROUNDS");
    int rounds = text ? (int)strtol(text, NULL, 10) : USUAL_ROUNDS, bad = 0;

    for (int i = 0; i < rounds; i++) {
        run_round(world);
        bad += !is_good(world);
    }
    g_test_message("%d of %d rounds are wrong", bad, rounds);
    g_assert_cmpint(bad, ==, 0);
}

/* Runs @n_workers threads on @n_nodes nodes of one image. */
static void
overlap(size_t n_workers, size_t n_nodes, const char *options)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", SIZE);
    g_autofree World *world = g_new0(World, 1);
    VtObject *nodes[2];

    if (skip(options, path)) {
        g_unlink(path);
        return;
    }
    world->random = g_rand_new_with_seed(11);
    g_assert_cmpint(posix_memalign((void **)&world->found, 4096, AREA), ==, 0);
    for (size_t i = 0; i < n_nodes; i++) {
        g_autofree char *name = g_strdup_printf("d%zu", i);

        nodes[i] = test_node(vm, name, "blockdev file,node-name=%s,filename=%s,auto-read-only=on,discard=unmap,%s",
                             name, path, options);
    }
    while (world->n_workers < n_workers) {
        start_worker(world, vm, nodes[world->n_workers % n_nodes]);
    }
    run_rounds(world);
    for (size_t i = 0; i < n_workers; i++) {
        vt_block_close(world->workers[i].block);
    }
    g_rand_free(world->random);
    free(world->found);
    g_unlink(path);
}

#define OVERLAP(name, path, options)                                                                                   \
    VT_TEST_THREADS(name, "/block/overlap/" path "/one")                                                               \
    {                                                                                                                  \
        overlap(1, 1, options);                                                                                        \
    }                                                                                                                  \
    VT_TEST_THREADS(name##_of_threads, "/block/overlap/" path "/several")                                              \
    {                                                                                                                  \
        overlap(WORKERS, 1, options);                                                                                  \
    }

OVERLAP(cached_requests_to_threads_overlap, "threads", "aio=threads")
OVERLAP(cached_requests_to_a_ring_overlap, "io_uring", "aio=io_uring")
OVERLAP(requests_to_threads_overlap, "threads-direct", "aio=threads,cache.direct=on")
OVERLAP(requests_to_linux_aio_overlap, "native-direct", "aio=native,cache.direct=on")
OVERLAP(requests_to_a_ring_overlap, "io_uring-direct", "aio=io_uring,cache.direct=on")

VT_TEST_THREADS(requests_of_two_nodes_overlap, "/block/overlap/nodes")
{
    overlap(2, 2, "aio=threads,cache.direct=on");
}

/* Each worker changes parts of blocks that the others change, too.  The requests must take effect in order of arrival.
 */
VT_TEST(partial_writes_keep_their_order, "/block/overlap/order")
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", SIZE);
    const char *options = "aio=threads,cache.direct=on";
    unsigned char data[BATCH][LARGEST], model[AREA] = {0}, found[AREA];
    TestAnswer answers[BATCH] = {{false, 0}};
    VtBlock *block;

    if (skip(options, path)) {
        g_unlink(path);
        return;
    }
    block = test_open(test_node(vm, "d", "blockdev file,node-name=d,filename=%s,%s", path, options));
    for (size_t i = 0; i < BATCH; i++) {
        size_t at = 1 + i * 7919 % 4000;

        memset(data[i], (int)i + 1, LARGEST);
        memset(model + at, (int)i + 1, LARGEST);
        vt_block_write(block, (int64_t)at, data[i], LARGEST, 0, test_on_answer, &answers[i]);
    }
    for (size_t i = 0; i < BATCH; i++) {
        g_assert_true(answers[i].done || !test_await(&answers[i]));
        g_assert_cmpint(answers[i].result, ==, 0);
    }
    g_assert_cmpint(test_read(block, 0, found, AREA), ==, 0);
    g_assert_cmpmem(found, AREA, model, AREA);
    vt_block_close(block);
    g_unlink(path);
}

static gboolean
write_some(gpointer opaque)
{
    Worker *worker = opaque;

    g_assert_true(worker->ready);
    for (size_t i = 0; i < DEPTH; i++) {
        Job *job = &worker->jobs[i];

        job->worker = worker;
        vt_block_write(worker->block, 1, job->data, LARGEST, 0, on_answer, job);
    }
    worker->next = worker->n_jobs = DEPTH;
    worker->ready = false;
    return G_SOURCE_REMOVE;
}

/* Requests of an I/O thread wait for those of the main loop, and vice versa.  Either user may close first. */
static void
close_while_others_wait(const char *options)
{
    g_autoptr(TestVm) vm = test_vm_empty();
    g_autofree char *path = test_image("disk", SIZE);
    VtObject *node;

    if (skip(options, path)) {
        g_unlink(path);
        return;
    }
    node = test_node(vm, "d", "blockdev file,node-name=d,filename=%s,%s", path, options);
    for (size_t i = 0; i < 2; i++) {
        g_autofree World *world = g_new0(World, 1);

        if (i) {
            g_autoptr(GError) error = NULL;

            g_assert_true(vt_vm_delete(vm->vm, "object", "t1", &error));
        }
        start_worker(world, vm, node);
        start_worker(world, vm, node);
        for (size_t k = 0; k < 2; k++) {
            Worker *worker = &world->workers[k];

            worker->ready = true;
            if (worker->context) {
                g_main_context_invoke(worker->context, write_some, worker);
            } else {
                write_some(worker);
            }
            while (worker->ready) {
                g_usleep(100);
            }
        }
        vt_block_close(world->workers[1 - i].block);
        vt_block_close(world->workers[i].block);
        g_assert_cmpint(world->clock, ==, 2 * DEPTH);
    }
    g_unlink(path);
}

VT_TEST_THREADS(a_drain_runs_what_others_wait_for, "/block/overlap/close/threads")
{
    close_while_others_wait("aio=threads,cache.direct=on");
}

VT_TEST_THREADS(a_drain_runs_the_ring_that_others_wait_for, "/block/overlap/close/io_uring")
{
    close_while_others_wait("aio=io_uring,cache.direct=on");
}
