/* SPDX-License-Identifier: MIT */
/*
 * Lookups: the addresses of a host's name, found by a thread of their own, as the resolver waits for other hosts.
 */
#pragma once

#include <netdb.h>
#include <stdbool.h>

#include <glib.h>

typedef struct VtLookup VtLookup;

/* NULL: there is no thread or descriptor for it. */
VtLookup *vt_lookup_new(const char *host, const char *port, const struct addrinfo *hints);
/* Can be read from when it is done. */
int vt_lookup_fd(const VtLookup *lookup);
/* After it is done: 0 and what was found, which stays the lookup's; or an error of getaddrinfo(). */
int vt_lookup_result(const VtLookup *lookup, const struct addrinfo **ret_found);
/* The same for a request that can wait (vt-runtime/await.h).  False and @error: it is under way. */
bool vt_lookup_await(const char *host, const char *port, const struct addrinfo *hints,
                     const struct addrinfo **ret_found, int *ret_failure, GError **error);
/* Done or not: a thread that still waits ends by itself. */
void vt_lookup_free(VtLookup *lookup);
