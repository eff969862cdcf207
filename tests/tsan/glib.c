/* SPDX-License-Identifier: MIT */
/*
 * Reports the synchronization of GLib's locks, queues and main loops to ThreadSanitizer.  The host's GLib is not
 * compiled with the sanitizer, so these operations are invisible.  Each function here wraps GLib's function.
 */
#include <dlfcn.h>

#include <glib.h>

/* Functions of the sanitizer, which no header declares. */
void __tsan_acquire(void *address);
void __tsan_release(void *address);

/* GLib also defines some of these as macros. */
#undef g_mutex_trylock
#undef g_idle_add

/* Calls glib's own function of the same name. */
#define REAL(name) ((__typeof__(&name))find(#name))

static void *
find(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    g_assert(function);
    return function;
}

/* ---- locks --------------------------------------------------------------------------------------------- */

#define LOCK(type, verb)                                                                                               \
    void type##_##verb(LOCK_TYPE *lock)                                                                                \
    {                                                                                                                  \
        REAL(type##_##verb)(lock);                                                                                     \
        __tsan_acquire(lock);                                                                                          \
    }
#define TRY(type, verb)                                                                                                \
    gboolean type##_##verb(LOCK_TYPE *lock)                                                                            \
    {                                                                                                                  \
        gboolean got = REAL(type##_##verb)(lock);                                                                      \
        if (got) {                                                                                                     \
            __tsan_acquire(lock);                                                                                      \
        }                                                                                                              \
        return got;                                                                                                    \
    }
#define UNLOCK(type, verb)                                                                                             \
    void type##_##verb(LOCK_TYPE *lock)                                                                                \
    {                                                                                                                  \
        __tsan_release(lock);                                                                                          \
        REAL(type##_##verb)(lock);                                                                                     \
    }

#define LOCK_TYPE GMutex
LOCK(g_mutex, lock)
TRY(g_mutex, trylock)
UNLOCK(g_mutex, unlock)
#undef LOCK_TYPE
#define LOCK_TYPE GRecMutex
LOCK(g_rec_mutex, lock)
TRY(g_rec_mutex, trylock)
UNLOCK(g_rec_mutex, unlock)
#undef LOCK_TYPE
#define LOCK_TYPE GRWLock
LOCK(g_rw_lock, reader_lock)
LOCK(g_rw_lock, writer_lock)
TRY(g_rw_lock, reader_trylock)
TRY(g_rw_lock, writer_trylock)
UNLOCK(g_rw_lock, reader_unlock)
UNLOCK(g_rw_lock, writer_unlock)

void
g_cond_wait(GCond *cond, GMutex *mutex)
{
    __tsan_release(mutex);
    REAL(g_cond_wait)(cond, mutex);
    __tsan_acquire(mutex);
}

gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end)
{
    gboolean signalled;

    __tsan_release(mutex);
    signalled = REAL(g_cond_wait_until)(cond, mutex, end);
    __tsan_acquire(mutex);
    return signalled;
}

/* ---- queues -------------------------------------------------------------------------------------------- */

void
g_async_queue_push(GAsyncQueue *queue, gpointer data)
{
    __tsan_release(queue);
    REAL(g_async_queue_push)(queue, data);
}

gpointer
g_async_queue_pop(GAsyncQueue *queue)
{
    gpointer data = REAL(g_async_queue_pop)(queue);

    __tsan_acquire(queue);
    return data;
}

gpointer
g_async_queue_try_pop(GAsyncQueue *queue)
{
    gpointer data = REAL(g_async_queue_try_pop)(queue);

    __tsan_acquire(queue);
    return data;
}

gpointer
g_async_queue_timeout_pop(GAsyncQueue *queue, guint64 timeout)
{
    gpointer data = REAL(g_async_queue_timeout_pop)(queue, timeout);

    __tsan_acquire(queue);
    return data;
}

/* A thread of a pool sees the data of the pool. */
typedef struct Pool {
    GFunc func;
    gpointer opaque;
} Pool;

static void
run_in_pool(gpointer data, gpointer opaque)
{
    Pool *pool = opaque;

    __tsan_acquire(pool);
    pool->func(data, pool->opaque);
}

GThreadPool *
g_thread_pool_new(GFunc func, gpointer opaque, gint max_threads, gboolean exclusive, GError **error)
{
    Pool *pool = g_new(Pool, 1);

    *pool = (Pool){func, opaque};
    return REAL(g_thread_pool_new)(run_in_pool, pool, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push(GThreadPool *threads, gpointer data, GError **error)
{
    __tsan_release(threads->user_data);
    return REAL(g_thread_pool_push)(threads, data, error);
}

/* ---- loops --------------------------------------------------------------------------------------------- */

/* A source's callback sees everything that happened before the source was set up. */
typedef struct Callback {
    GSourceFunc func;
    gpointer data;
    GDestroyNotify notify;
} Callback;

static gboolean
call(gpointer opaque)
{
    Callback *callback = opaque;

    __tsan_acquire(callback);
    return callback->func(callback->data);
}

static void
free_callback(gpointer opaque)
{
    Callback *callback = opaque;

    if (callback->notify) {
        callback->notify(callback->data);
    }
    g_free(callback);
}

/* Sources with a GSourceFunc, from an idle or timeout function. */
static gboolean
is_plain(const GSource *source)
{
    return source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs;
}

void
g_source_set_callback(GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
    Callback *callback;

    if (!is_plain(source)) {
        REAL(g_source_set_callback)(source, func, data, notify);
        return;
    }
    callback = g_new(Callback, 1);
    *callback = (Callback){func, data, notify};
    REAL(g_source_set_callback)(source, call, callback, free_callback);
    __tsan_release(callback);
}

guint
g_idle_add_full(gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, priority);
    g_source_set_callback(source, func, data, notify);
    return g_source_attach(source, NULL);
}

guint
g_idle_add(GSourceFunc func, gpointer data)
{
    return g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

void
g_main_context_invoke(GMainContext *context, GSourceFunc func, gpointer data)
{
    g_autoptr(GSource) source = NULL;

    if (g_main_context_is_owner(context)) {
        REAL(g_main_context_invoke)(context, func, data);
        return;
    }
    source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, data, NULL);
    g_source_attach(source, context);
}

/* Other sources synchronize with the loop that checks them.  A write to a descriptor wakes a waiting loop, which the
 * sanitizer sees itself. */
static gpointer
loop_of(GMainContext *context)
{
    return context ? context : g_main_context_default();
}

guint
g_source_attach(GSource *source, GMainContext *context)
{
    __tsan_release(loop_of(context));
    return REAL(g_source_attach)(source, context);
}

gboolean
g_main_context_iteration(GMainContext *context, gboolean may_block)
{
    __tsan_acquire(loop_of(context));
    return REAL(g_main_context_iteration)(context, may_block);
}

void
g_main_loop_run(GMainLoop *loop)
{
    __tsan_acquire(loop_of(g_main_loop_get_context(loop)));
    REAL(g_main_loop_run)(loop);
}
