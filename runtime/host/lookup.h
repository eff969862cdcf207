/* SPDX-License-Identifier: MIT */
/*
 * Lookups: resolve a host name in a thread, because the resolver waits for other hosts.
 */
#pragma once

#include <netdb.h>
#include <stdbool.h>

#include <glib.h>

typedef struct VtLookup VtLookup;

/* Starts the lookup. Copies its arguments; @host may be NULL. Returns NULL if the host has no thread or descriptor for
 * it. */
VtLookup *vt_lookup_new(const char *host, const char *port, const struct addrinfo *hints);
/* Returns a descriptor that is readable when the lookup is done. Borrowed. */
int vt_lookup_fd(const VtLookup *lookup);
/* Call it once the lookup is done. Returns 0 and sets *@ret_found, which is borrowed until vt_lookup_free(), or returns
 * an error of getaddrinfo(3). */
int vt_lookup_result(const VtLookup *lookup, const struct addrinfo **ret_found);
/*
 * As vt_lookup_new(), for a request that can wait (vt-runtime/await.h). Returns false and sets @error while the lookup
 * is pending. Otherwise *@ret_failure is 0 or an error of getaddrinfo(3). *@ret_found is borrowed until the request is
 * over.
 */
bool vt_lookup_await(const char *host, const char *port, const struct addrinfo *hints,
                     const struct addrinfo **ret_found, int *ret_failure, GError **error);
/* Frees the lookup, done or not; NULL is a no-op. A thread that still runs ends by itself. */
void vt_lookup_free(VtLookup *lookup);
