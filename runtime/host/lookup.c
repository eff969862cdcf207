/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "vt-runtime/await.h"

struct VtLookup {
    gatomicrefcount refs; /* one of the caller, and one of the thread */
    char *host, *port;
    struct addrinfo hints, *found;
    int failure, done;
};

static VtLookup *
make(const char *host, const char *port, const struct addrinfo *hints)
{
    VtLookup *lookup = g_new(VtLookup, 1);

    *lookup = (VtLookup){.host = g_strdup(host), .port = g_strdup(port), .hints = *hints, .done = -1};
    g_atomic_ref_count_init(&lookup->refs);
    return lookup;
}

static void
release(void *opaque)
{
    VtLookup *lookup = opaque;

    if (lookup->found) {
        freeaddrinfo(lookup->found);
    }
    if (lookup->done >= 0) {
        close(lookup->done);
    }
    g_free(lookup->host);
    g_free(lookup->port);
    g_free(lookup);
}

static void
unref_lookup(VtLookup *lookup)
{
    if (g_atomic_ref_count_dec(&lookup->refs)) {
        release(lookup);
    }
}

static void *
run_lookup(void *opaque)
{
    VtLookup *lookup = opaque;

    lookup->failure = getaddrinfo(lookup->host, lookup->port, &lookup->hints, &lookup->found);
    eventfd_write(lookup->done, 1);
    unref_lookup(lookup);
    return NULL;
}

VtLookup *
vt_lookup_new(const char *host, const char *port, const struct addrinfo *hints)
{
    VtLookup *lookup = make(host, port, hints);
    GThread *thread = NULL;

    lookup->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_atomic_ref_count_inc(&lookup->refs);
    if (lookup->done >= 0) {
        thread = g_thread_try_new("lookup", run_lookup, lookup, NULL);
    }
    if (!thread) {
        unref_lookup(lookup);
        unref_lookup(lookup);
        return NULL;
    }
    g_thread_unref(thread);
    return lookup;
}

int
vt_lookup_fd(const VtLookup *lookup)
{
    return lookup->done;
}

int
vt_lookup_result(const VtLookup *lookup, const struct addrinfo **ret_found)
{
    eventfd_t times;

    /* The read orders memory: it makes the writes of the thread visible. */
    eventfd_read(lookup->done, &times);
    *ret_found = lookup->found;
    return lookup->failure;
}

void
vt_lookup_free(VtLookup *lookup)
{
    if (lookup) {
        unref_lookup(lookup);
    }
}

/* ---- lookups of requests --------------------------------------------------------------------------------- */

static void
look_up_host(void *opaque)
{
    VtLookup *lookup = opaque;

    lookup->failure = getaddrinfo(lookup->host, lookup->port, &lookup->hints, &lookup->found);
}

bool
vt_lookup_await(const char *host, const char *port, const struct addrinfo *hints, const struct addrinfo **ret_found,
                int *ret_failure, GError **error)
{
    static const VtWorkOps ops = {.run = look_up_host, .free = release};
    g_autofree char *key = g_strdup_printf("lookup of '%s', port '%s', type %d, family %d, flags %d", host ? host : "",
                                           port, hints->ai_socktype, hints->ai_family, hints->ai_flags);
    VtLookup *lookup = vt_await_done(key);

    if (!lookup) {
        return vt_await(key, &ops, make(host, port, hints), error);
    }
    *ret_found = lookup->found;
    *ret_failure = lookup->failure;
    return true;
}
