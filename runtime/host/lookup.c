/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <glib.h>

struct VtLookup {
    gatomicrefcount refs; /* who asks, and the thread */
    char *host, *port;
    struct addrinfo hints, *found;
    int failure, done;
};

static void
unref(VtLookup *lookup)
{
    if (!g_atomic_ref_count_dec(&lookup->refs)) {
        return;
    }
    if (lookup->found) {
        freeaddrinfo(lookup->found);
    }
    close(lookup->done);
    g_free(lookup->host);
    g_free(lookup->port);
    g_free(lookup);
}

static void *
run(void *opaque)
{
    VtLookup *lookup = opaque;

    lookup->failure = getaddrinfo(lookup->host, lookup->port, &lookup->hints, &lookup->found);
    eventfd_write(lookup->done, 1);
    unref(lookup);
    return NULL;
}

VtLookup *
vt_lookup_new(const char *host, const char *port, const struct addrinfo *hints)
{
    VtLookup *lookup = g_new0(VtLookup, 1);
    GThread *thread = NULL;

    g_atomic_ref_count_init(&lookup->refs);
    lookup->host = g_strdup(host);
    lookup->port = g_strdup(port);
    lookup->hints = *hints;
    lookup->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_atomic_ref_count_inc(&lookup->refs);
    if (lookup->done >= 0) {
        thread = g_thread_try_new("lookup", run, lookup, NULL);
    }
    if (!thread) {
        unref(lookup);
        unref(lookup);
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

    /* Read for the order of memory that comes with it: the thread wrote before. */
    eventfd_read(lookup->done, &times);
    *ret_found = lookup->found;
    return lookup->failure;
}

void
vt_lookup_free(VtLookup *lookup)
{
    if (lookup) {
        unref(lookup);
    }
}
