/* SPDX-License-Identifier: MIT */
/*
 * Loops are created for the first user of a thread, and freed with the last.
 */
#include "loop-private.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "vt-backends/iothread.h"
#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

/* Key: the I/O thread, or NULL for the main thread.  Main thread only. */
static GHashTable *loops;

static VtBlockLoop *
loop_new(VtObject *iothread)
{
    VtBlockLoop *loop = g_new0(VtBlockLoop, 1);

    loop->iothread = iothread;
    loop->context = iothread ? vt_iothread_context(iothread) : NULL;
    loop->source = (VtLoopSource *)g_source_new(&vt_block_loop_funcs, sizeof(VtLoopSource));
    pthread_mutex_init(&loop->lock, NULL);
    for (int i = 0; i < VT_LOOP_N_FDS; i++) {
        loop->fds[i] = -1;
    }
    vt_block_loop_watch(loop, VT_LOOP_WAKE, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    g_source_set_name(&loop->source->source, "block");
    loop->source->loop = loop;
    g_source_attach(&loop->source->source, loop->context);
    return loop;
}

VtBlockLoop *
vt_block_loop_get(VtObject *iothread)
{
    VtBlockLoop *loop;

    vt_assert_main();
    if (!loops) {
        loops = g_hash_table_new(NULL, NULL);
    }
    loop = g_hash_table_lookup(loops, iothread);
    if (!loop) {
        loop = loop_new(iothread);
        g_hash_table_insert(loops, iothread, loop);
    }
    loop->refs++;
    return loop;
}

/* ---- calls from the main thread into the loop's thread ------------------------------------------------- */

typedef struct Call {
    VtBlockRequest request; /* must be first: a VtBlockRequest * is cast to Call * */
    bool (*func)(VtBlockLoop *loop, void *opaque, GError **error);
    void *opaque;
    GError **error;
    bool result, done;
    pthread_mutex_t lock;
    pthread_cond_t cond;
} Call;

static void
run_call(VtBlockRequest *request)
{
    Call *call = (Call *)request;

    pthread_mutex_lock(&call->lock);
    call->result = call->func(request->loop, call->opaque, call->error);
    call->done = true;
    pthread_cond_signal(&call->cond);
    pthread_mutex_unlock(&call->lock);
}

static bool
call_in(VtBlockLoop *loop, bool (*func)(VtBlockLoop *, void *, GError **), void *opaque, GError **error)
{
    Call call = {.request = {.loop = loop, .resume = run_call}, .func = func, .opaque = opaque, .error = error};

    if (!loop->iothread) {
        return func(loop, opaque, error);
    }
    pthread_mutex_init(&call.lock, NULL);
    pthread_cond_init(&call.cond, NULL);
    vt_block_loop_post(&call.request);
    pthread_mutex_lock(&call.lock);
    while (!call.done) {
        pthread_cond_wait(&call.cond, &call.lock);
    }
    pthread_mutex_unlock(&call.lock);
    pthread_mutex_destroy(&call.lock);
    pthread_cond_destroy(&call.cond);
    return call.result;
}

static bool
make_engine(VtBlockLoop *loop, void *opaque, GError **error)
{
    VtBlockEngine which = GPOINTER_TO_INT(opaque);
    bool ring = which == VT_BLOCK_ENGINE_IO_URING;
    VtLoopEngine *engine = &loop->engines[which];
    int fd;

    if (engine->state) {
        return true;
    }
    engine->ops = ring ? &vt_block_ring_ops : &vt_block_aio_ops;
    engine->state = ring ? vt_block_ring_new(loop, &fd, error) : vt_block_aio_new(loop, &fd, error);
    if (engine->state) {
        vt_block_loop_watch(loop, VT_LOOP_ENGINES + (int)which, fd);
    }
    return engine->state != NULL;
}

bool
vt_block_loop_require(VtBlockLoop *loop, VtBlockEngine engine, GError **error)
{
    if (loop->fds[VT_LOOP_WAKE] < 0) {
        return vt_error_set(error, "the host cannot open more file descriptors");
    }
    if (engine == VT_BLOCK_ENGINE_THREADS) {
        return true;
    }
    return call_in(loop, make_engine, GINT_TO_POINTER(engine), error);
}

bool
vt_block_loop_require_all(VtBlockLoop *loop, const VtBlockNode *node, GError **error)
{
    if (!vt_block_loop_require(loop, node->engine, error) ||
        (node->child && !vt_block_loop_require_all(loop, node->child, error))) {
        return false;
    }
    for (unsigned i = 0; i < node->n_others; i++) {
        if (!vt_block_loop_require_all(loop, node->others[i].node, error)) {
            return false;
        }
    }
    return true;
}

static bool
stop(VtBlockLoop *loop, void *opaque, GError **error)
{
    (void)opaque;
    (void)error;
    g_source_destroy(&loop->source->source);
    for (int i = 0; i < VT_BLOCK_N_ENGINES; i++) {
        if (loop->engines[i].state) {
            loop->engines[i].ops->free(g_steal_pointer(&loop->engines[i].state));
            loop->engines[i].waiting = 0;
        }
    }
    if (loop->fds[VT_LOOP_TIMER] >= 0) {
        close(loop->fds[VT_LOOP_TIMER]);
        loop->fds[VT_LOOP_TIMER] = -1;
    }
    while (loop->unused) {
        VtBlockRequest *request = loop->unused;

        loop->unused = request->next;
        g_free(request);
    }
    return true;
}

void
vt_block_loop_put(VtBlockLoop *loop)
{
    GSource *source = &loop->source->source;

    vt_assert_main();
    if (--loop->refs) {
        return;
    }
    g_hash_table_remove(loops, loop->iothread);
    if (!g_hash_table_size(loops)) {
        g_clear_pointer(&loops, g_hash_table_unref);
    }
    call_in(loop, stop, NULL, NULL);
    g_clear_pointer(&loop->pool, vt_block_pool_free);
    for (unsigned i = 0; i < VT_BLOCK_DEPTH_MAX; i++) {
        g_clear_pointer(&loop->tasks[i], vt_block_pool_free);
    }
    loop->source->turns++;
    g_source_unref(source);
}
