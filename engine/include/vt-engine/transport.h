/* SPDX-License-Identifier: MIT */
/*
 * Transport: JSON values over a connected socket, in both directions, without waiting.
 *
 * It knows no command. client.h waits for replies on it; a main loop watches its descriptor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct VtEngineTransport VtEngineTransport;

/* Takes ownership of @fd, a connected stream socket, and makes it non-blocking. */
VtEngineTransport *vt_engine_transport_new(int fd);
void vt_engine_transport_free(VtEngineTransport *transport); /* closes the socket; NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngineTransport, vt_engine_transport_free)
int vt_engine_transport_fd(const VtEngineTransport *transport);

/* Appends @len bytes of @text, whole JSON values, to what is unsent. Sends nothing. */
void vt_engine_transport_queue(VtEngineTransport *transport, const char *text, size_t len);
/* Passes @descriptors, an array of vt_descriptors_new(), with the first byte that is queued next. Takes ownership. */
void vt_engine_transport_queue_descriptors(VtEngineTransport *transport, GArray *descriptors);
/* Returns the number of queued bytes that are unsent. */
size_t vt_engine_transport_unsent(const VtEngineTransport *transport);
/* Sends what the socket takes at once. Returns false and sets @error if the connection is lost. */
bool vt_engine_transport_send(VtEngineTransport *transport, GError **error);
/* Reads what has arrived, at most one buffer. Returns false and sets @error if the connection is lost or has ended. */
bool vt_engine_transport_receive(VtEngineTransport *transport, GError **error);
/*
 * Takes the next complete value of what was read. *@ret_text is borrowed until the next call with @transport, and NULL
 * if no value is complete. Returns false and sets @error if the bytes are no JSON value or too many.
 */
bool vt_engine_transport_next(VtEngineTransport *transport, const char **ret_text, size_t *ret_len, GError **error);
