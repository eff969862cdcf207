/* SPDX-License-Identifier: MIT */
/*
 * libslirp, loaded with the first 'user' network: vt_slirp.NAME() is slirp_NAME().
 */
#pragma once

#include <libslirp.h>

#include "vt-runtime/library.h"

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declared name takes none. */
#define VT_SLIRP_POINTER(name) __typeof__(slirp_##name) *name;
#define VT_SLIRP_FUNCTIONS(F)                                                                                          \
    F(add_exec)                                                                                                        \
    F(add_guestfwd)                                                                                                    \
    F(add_hostfwd)                                                                                                     \
    F(add_unix)                                                                                                        \
    F(cleanup)                                                                                                         \
    F(input)                                                                                                           \
    F(new)                                                                                                             \
    F(pollfds_fill)                                                                                                    \
    F(pollfds_poll)                                                                                                    \
    F(socket_can_recv)                                                                                                 \
    F(socket_recv)

typedef struct VtSlirp {
    VT_SLIRP_FUNCTIONS(VT_SLIRP_POINTER)
} VtSlirp;

extern VtSlirp vt_slirp;

/* Loads the library, if it is not loaded. On failure returns false and sets @error. Main thread only. */
bool vt_slirp_load(GError **error);
