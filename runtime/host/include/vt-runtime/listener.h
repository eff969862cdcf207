/* SPDX-License-Identifier: MIT */
/*
 * Listeners: sockets that clients connect to.
 *
 * A stopped listener accepts no client and uses no CPU time. If the host lacks descriptors or memory for a client, the
 * listener pauses for 20 ms and tries again. Main thread only.
 */
#pragma once

#include <glib.h>

typedef struct VtListener VtListener;

/* Receives a new connection @fd, which is non-blocking and owned by the callee. The callee may stop or free the
 * listener. */
typedef void (*VtListenerFunc)(void *opaque, int fd);

/* Creates a stopped listener that owns @fd, a non-blocking listening socket. */
VtListener *vt_listener_new(int fd, VtListenerFunc accepted, void *opaque);
void vt_listener_free(VtListener *listener); /* NULL is a no-op */
void vt_listener_start(VtListener *listener);
void vt_listener_stop(VtListener *listener);
int vt_listener_fd(const VtListener *listener);
