/* SPDX-License-Identifier: MIT */
/*
 * cryptodev-backend: the main loop runs jobs in order, within the configured limits.
 */
#include "cryptodev.h"

#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

#define SESSIONS 256 /* maximum; the guest opens them */
#define BURST    (G_USEC_PER_SEC / 10)

typedef struct State {
    const VtCryptodevKind *kind; /* NULL: not realized, or no service */
    VtObject *object;
    unsigned sessions;
    GQueue jobs;     /* of Job */
    GSource *source; /* exists while there are jobs; owned */
    /* The time until which the started jobs use up the limits.  A job may start BURST earlier. */
    int64_t bytes_until, jobs_until;
} State;

struct VtCryptoSession {
    State *state;
    VtCryptoKey *key;
};

typedef struct Job {
    VtCryptoSession *session;
    GList link;
    VtCryptoJob job;
    VtCryptoFunc func;
    void *opaque;
} Job;

/* ---- limits -------------------------------------------------------------------------------------------- */

/* The microseconds that @amount takes at @rate per second. */
static int64_t
duration(uint64_t amount, uint64_t rate)
{
    return rate ? (int64_t)MIN((double)amount * G_USEC_PER_SEC / (double)rate, (double)G_MAXINT32 * G_USEC_PER_SEC) : 0;
}

static int64_t
ready_at(const State *state)
{
    const VtCryptodevBackend *config = vt_object_config(state->object);
    int64_t until = 0;

    if (config->throttle_bps) {
        until = state->bytes_until;
    }
    if (config->throttle_ops) {
        until = MAX(until, state->jobs_until);
    }
    return until - BURST;
}

static void
account(State *state, const VtCryptoJob *job, int64_t now)
{
    const VtCryptodevBackend *config = vt_object_config(state->object);

    state->bytes_until = MAX(state->bytes_until, now) + duration(job->in_size, config->throttle_bps);
    state->jobs_until = MAX(state->jobs_until, now) + duration(1, config->throttle_ops);
}

/* ---- jobs ---------------------------------------------------------------------------------------------- */

static void
stop(State *state)
{
    if (state->source) {
        g_source_destroy(state->source);
        g_clear_pointer(&state->source, g_source_unref);
    }
}

/* The job is no longer in the queue.  Its callback may submit another job, or close the session. */
static void
do_job(Job *job)
{
    g_autoptr(GError) error = NULL;
    VtCryptoKey *key = job->session->key;
    size_t size = 0;

    if (!key->run(key, &job->job, &size, &error)) {
        size = 0;
    }
    job->func(size, error, job->opaque);
    g_free(job);
}

static gboolean
on_time(gpointer opaque)
{
    State *state = opaque;
    Job *job = g_queue_peek_head(&state->jobs);
    int64_t now = g_get_monotonic_time(), ready = ready_at(state);

    if (ready > now) {
        g_source_set_ready_time(state->source, ready);
        return G_SOURCE_CONTINUE;
    }
    account(state, &job->job, now);
    g_queue_unlink(&state->jobs, &job->link);
    if (!state->jobs.length) {
        stop(state);
    } else {
        g_source_set_ready_time(state->source, 0);
    }
    do_job(job);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc func, gpointer opaque)
{
    (void)source;
    return func(opaque);
}

static void
start(State *state)
{
    static GSourceFuncs funcs = {.dispatch = dispatch};

    state->source = g_source_new(&funcs, sizeof(GSource));
    g_source_set_callback(state->source, on_time, state, NULL);
    g_source_set_ready_time(state->source, 0);
    g_source_attach(state->source, NULL);
}

void
vt_cryptodev_submit(VtCryptoSession *session, const VtCryptoJob *job, VtCryptoFunc func, void *opaque)
{
    State *state = session->state;
    Job *new = g_new(Job, 1);

    vt_assert_main();
    g_assert(func);
    *new = (Job){.session = session, .job = *job, .func = func, .opaque = opaque};
    new->link.data = new;
    g_queue_push_tail_link(&state->jobs, &new->link);
    if (!state->source) {
        start(state);
    }
}

/* ---- sessions ------------------------------------------------------------------------------------------ */

static VtCryptoSession *
open_session(VtObject *cryptodev, VtCryptoKey *key, GError **error)
{
    State *state = vt_object_state(cryptodev, &vt_ops_cryptodev_backend);
    VtCryptoSession *session;

    vt_assert_main();
    g_assert(vt_object_realized(cryptodev));
    if (!key) {
        return NULL;
    }
    if (!state->kind) {
        vt_error_set(error, "cryptodev '%s' is not realized or has no service", vt_object_display(cryptodev));
        key->free(key);
        return NULL;
    }
    if (state->sessions == SESSIONS) {
        vt_error_set(error, "cryptodev '%s' has the maximum of %u sessions", vt_object_display(cryptodev),
                     state->sessions);
        key->free(key);
        return NULL;
    }
    session = g_new(VtCryptoSession, 1);
    *session = (VtCryptoSession){state, key};
    state->sessions++;
    return session;
}

VtCryptoSession *
vt_cryptodev_open_cipher(VtObject *cryptodev, VtCryptoCipher cipher, VtCryptoMode mode, const void *key,
                         size_t key_size, GError **error)
{
    return open_session(cryptodev, vt_cipher_new(cipher, mode, key, key_size, error), error);
}

VtCryptoSession *
vt_cryptodev_open_rsa(VtObject *cryptodev, bool private, VtCryptoPadding padding, VtCryptoHash hash, const void *key,
                      size_t key_size, GError **error)
{
    return open_session(cryptodev, vt_rsa_new(private, padding, hash, key, key_size, error), error);
}

void
vt_cryptodev_close(VtCryptoSession *session)
{
    State *state = session->state;

    vt_assert_main();
    for (GList *at = state->jobs.head, *next; at; at = next) {
        Job *job = at->data;

        next = at->next;
        if (job->session == session) {
            g_queue_unlink(&state->jobs, &job->link);
            g_free(job);
        }
    }
    if (!state->jobs.length) {
        stop(state);
    }
    state->sessions--;
    session->key->free(session->key);
    g_free(session);
}

/* ---- the object ---------------------------------------------------------------------------------------- */

void
vt_cryptodev_start(VtObject *cryptodev, const VtCryptodevKind *kind)
{
    State *state = vt_object_state(cryptodev, &vt_ops_cryptodev_backend);

    *state = (State){.kind = kind, .object = cryptodev};
    g_queue_init(&state->jobs);
}

const VtCryptodevKind *
vt_cryptodev_kind(VtObject *object)
{
    if (!vt_object_is_a(object, "cryptodev-backend") || !vt_object_realized(object)) {
        return NULL;
    }
    return ((const State *)vt_object_state(object, &vt_ops_cryptodev_backend))->kind;
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_cryptodev_backend);

    g_assert(!state->sessions);
    state->kind = NULL;
}

/* A new limit applies from now on, and does not count earlier jobs. */
static bool
set(VtObject *object, const VtProp *prop, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_cryptodev_backend);

    (void)prop, (void)error;
    state->bytes_until = state->jobs_until = 0;
    if (state->source) {
        g_source_set_ready_time(state->source, 0);
    }
    return true;
}

const VtOps vt_ops_cryptodev_backend = {.state_size = sizeof(State), .unrealize = unrealize, .set = set};
