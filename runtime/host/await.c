/* SPDX-License-Identifier: MIT */
#include "vt-runtime/await.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"
#include "vt-runtime/patience.h"

typedef struct VtAwaited Work;

struct VtAwaited {
    unsigned refs;    /* one of the request, and one of the thread, or of the other process, until finish() */
    VtAwaits *awaits; /* NULL: the request is over */
    bool releases;    /* the request is done: its reply alone waits */
    const VtWorkOps *ops;
    void *data;
    bool done;
};

struct VtAwaits {
    GHashTable *works; /* key to Work; NULL: empty */
    guint pending, releasing;
    void (*done)(void *opaque);
    void *opaque;
};

static VtAwaits *current; /* of the current request; NULL: none */

static void
unref(Work *work)
{
    if (!--work->refs) {
        work->ops->free(work->data);
        g_free(work);
    }
}

/* Called when the request is over: cancels a pending work. */
static void
forget(void *opaque)
{
    Work *work = opaque;

    work->awaits = NULL;
    if (!work->done && work->ops->cancel) {
        work->ops->cancel(work->data);
    }
    unref(work);
}

static void
finish(Work *work)
{
    VtAwaits *awaits = work->awaits;

    work->done = true;
    if (awaits) {
        (*(work->releases ? &awaits->releasing : &awaits->pending))--;
    }
    unref(work);
    if (awaits && awaits->done && !awaits->pending && !awaits->releasing) {
        awaits->done(awaits->opaque);
    }
}

static gboolean
on_done(gpointer opaque)
{
    finish(opaque);
    return G_SOURCE_REMOVE;
}

static void *
run(void *opaque)
{
    Work *work = opaque;

    work->ops->run(work->data);
    g_idle_add_full(G_PRIORITY_DEFAULT, on_done, work, NULL);
    return NULL;
}

VtAwaits *
vt_awaits_new(void (*done)(void *opaque), void *opaque)
{
    VtAwaits *awaits = g_new(VtAwaits, 1);

    *awaits = (VtAwaits){.done = done, .opaque = opaque};
    return awaits;
}

void
vt_awaits_clear(VtAwaits *awaits)
{
    g_clear_pointer(&awaits->works, g_hash_table_unref);
    awaits->pending = awaits->releasing = 0;
}

void
vt_awaits_free(VtAwaits *awaits)
{
    if (awaits) {
        vt_awaits_clear(awaits);
        g_free(awaits);
    }
}

void
vt_awaits_enter(VtAwaits *awaits)
{
    vt_assert_main();
    current = awaits;
}

bool
vt_awaits_pending(const VtAwaits *awaits)
{
    return awaits->pending > 0;
}

bool
vt_awaits_binds(const VtAwaits *awaits)
{
    GHashTableIter each;
    gpointer work;

    if (awaits->works) {
        g_hash_table_iter_init(&each, awaits->works);
        while (g_hash_table_iter_next(&each, NULL, &work)) {
            if (((const Work *)work)->ops->binds && !((const Work *)work)->done) {
                return true;
            }
        }
    }
    return false;
}

void
vt_awaits_pass(VtAwaits *awaits, void (*done)(void *opaque), void *opaque)
{
    awaits->done = done;
    awaits->opaque = opaque;
}

bool
vt_awaits_releasing(const VtAwaits *awaits)
{
    return awaits->releasing > 0;
}

bool
vt_await_is_possible(void)
{
    return current && current->done;
}

void *
vt_await_done(const char *key)
{
    const Work *work = current && current->works ? g_hash_table_lookup(current->works, key) : NULL;

    return work && work->done ? work->data : NULL;
}

static Work *
work_new(const char *key, const VtWorkOps *ops, void *data)
{
    Work *work = g_new(Work, 1);

    vt_assert_main();
    *work = (Work){.refs = 2, .awaits = current, .releases = !key, .ops = ops, .data = data};
    return work;
}

/* Adds @work to the current request. */
static void
enter(Work *work, const char *key)
{
    if (!current->works) {
        current->works = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, forget);
    }
    g_hash_table_insert(current->works, key ? g_strdup(key) : g_strdup_printf("release of %p", (void *)work), work);
    (*(work->releases ? &current->releasing : &current->pending))++;
}

/* Starts a work of the current request, or frees it. @key: NULL for a release. */
static bool
start(const char *key, const VtWorkOps *ops, void *data, GError **error)
{
    Work *work = work_new(key, ops, data);
    GThread *thread = g_thread_try_new("await", run, work, error);

    if (!thread) {
        if (work->releases) {
            ops->run(data);
        }
        work->refs = 1;
        unref(work);
        return false;
    }
    g_thread_unref(thread);
    enter(work, key);
    return true;
}

static bool
fail_pending(const char *key, GError **error)
{
    return vt_error_set(error, "%s: still in progress", key);
}

bool
vt_await(const char *key, const VtWorkOps *ops, void *data, GError **error)
{
    g_autoptr(GError) failure = NULL;

    return start(key, ops, data, &failure) ? fail_pending(key, error)
                                           : vt_error_set(error, "%s: %s", key, failure->message);
}

bool
vt_await_answer(const char *key, const VtWorkOps *ops, void *data, VtAwaited **ret_answer, GError **error)
{
    *ret_answer = work_new(key, ops, data);
    enter(*ret_answer, key);
    return fail_pending(key, error);
}

void
vt_await_answered(VtAwaited *answer)
{
    finish(answer);
}

void
vt_await_release(const VtWorkOps *ops, void *data)
{
    if (!current) {
        ops->run(data);
        ops->free(data);
        return;
    }
    start(NULL, ops, data, NULL);
}

/* ---- startup ------------------------------------------------------------------------------------------- */

typedef struct Startup {
    gatomicrefcount refs; /* of the main thread, and of the other one */
    int done;             /* eventfd */
    const VtWorkOps *ops;
    void *data; /* NULL: taken */
} Startup;

static void
startup_unref(Startup *startup)
{
    if (g_atomic_ref_count_dec(&startup->refs)) {
        if (startup->data) {
            startup->ops->free(startup->data);
        }
        close(startup->done);
        g_free(startup);
    }
}

static void *
run_startup(void *opaque)
{
    Startup *startup = opaque;

    startup->ops->run(startup->data);
    eventfd_write(startup->done, 1);
    startup_unref(startup);
    return NULL;
}

/* Returns NULL if the host has no descriptor or thread. */
static Startup *
startup_begin(const VtWorkOps *ops, void *data)
{
    int done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    Startup *startup;
    GThread *thread;

    if (done < 0) {
        return NULL;
    }
    startup = g_new(Startup, 1);
    *startup = (Startup){.done = done, .ops = ops, .data = data};
    g_atomic_ref_count_init(&startup->refs);
    g_atomic_ref_count_inc(&startup->refs);
    thread = g_thread_try_new("startup", run_startup, startup, NULL);
    if (!thread) {
        g_free(startup);
        close(done);
        return NULL;
    }
    g_thread_unref(thread);
    return startup;
}

bool
vt_await_at_startup(const VtWorkOps *ops, void *work)
{
    Startup *startup = startup_begin(ops, work);
    bool done = true;
    int number;

    vt_assert_main();
    if (!startup) {
        ops->run(work);
        return true;
    }
    do {
        done = vt_patience_poll(startup->done, POLLIN, vt_patience_deadline());
        number = errno;
    } while (!done && number == ETIMEDOUT);
    if (done) {
        eventfd_t times;

        /* The read orders memory: it makes the writes of the thread visible. */
        eventfd_read(startup->done, &times);
        startup->data = NULL;
    } else if (ops->cancel) {
        ops->cancel(work);
    }
    startup_unref(startup);
    errno = number;
    return done;
}
