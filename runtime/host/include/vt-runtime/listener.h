/* SPDX-License-Identifier: MIT */
/*
 * Listeners: sockets that clients connect to.
 *
 * A listener that is stopped costs nothing, however many clients wait.  Where the host has no descriptor or memory
 * left for another client, the listener pauses by itself and tries again later.  Main thread only.
 */
#pragma once

#include <glib.h>

typedef struct VtListener VtListener;

/* @fd is a connection that does not block; the callee owns it, and may stop or free the listener. */
typedef void (*VtListenerFunc)(void *opaque, int fd);

/* Owns @fd, a listening socket.  It is stopped. */
VtListener *vt_listener_new(int fd, VtListenerFunc accepted, void *opaque);
void vt_listener_free(VtListener *listener); /* NULL: nothing happens */
void vt_listener_start(VtListener *listener);
void vt_listener_stop(VtListener *listener);
int vt_listener_fd(const VtListener *listener);
