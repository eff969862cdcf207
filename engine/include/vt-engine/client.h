/* SPDX-License-Identifier: MIT */
/*
 * Client: QMP commands to an engine, one after the other or many at once, waiting for the replies.
 *
 * The peer is a child of ours at the other end of a socketpair, or a QEMU that another program started. Each wait has a
 * limit. After a lost connection or an exceeded limit the client is of no use: each further call fails.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <json-c/json_types.h>
#include <sys/types.h>

#include "vt-engine/transport.h"

typedef struct VtEngineClient VtEngineClient;

/* @event: the whole message, borrowed. It must not call the client. */
typedef void (*VtEngineEventFunc)(json_object *event, void *opaque);

/*
 * Reads the greeting and leaves the negotiation mode. Takes ownership of @fd, a connected stream socket, also on
 * failure. @limit_ms: of each wait, here and later. Returns NULL and sets @error if the peer does not speak QMP.
 */
VtEngineClient *vt_engine_client_new(int fd, unsigned limit_ms, GError **error);
/* As vt_engine_client_new(), for the socket at @path. */
VtEngineClient *vt_engine_client_connect(const char *path, unsigned limit_ms, GError **error);
void vt_engine_client_free(VtEngineClient *client); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngineClient, vt_engine_client_free)

/* The member "QMP" of the greeting, borrowed: it has the version of the engine. */
json_object *vt_engine_client_greeting(const VtEngineClient *client);
/* Reads major, minor and micro version from the greeting; 0 where it has none. */
void vt_engine_client_version(const VtEngineClient *client, uint32_t ret_version[3]);
/* The process that listens on the socket; 0: the kernel does not state it. */
pid_t vt_engine_client_peer(const VtEngineClient *client);
/* Sets the function that gets each event during a call. Without one, events are dropped. */
void vt_engine_client_on_event(VtEngineClient *client, VtEngineEventFunc func, void *opaque);

/*
 * Runs @command with @arguments, which are borrowed and may be NULL. Returns the reply's value, a new reference. NULL
 * without @error is JSON null. An error of the engine has the code of its class and its text.
 */
json_object *vt_engine_client_call(VtEngineClient *client, const char *command, json_object *arguments, GError **error);

typedef struct VtEngineCall {
    const char *command;
    json_object *arguments; /* owned; may be NULL */
    json_object *result;    /* owned */
    GError *error;          /* owned; what the engine answered in place of a result */
} VtEngineCall;

void vt_engine_call_clear(VtEngineCall *call);
/* Creates an array of calls that clears them. */
GArray *vt_engine_calls_new(void);
/* Appends a call to an array of vt_engine_calls_new(). Takes ownership of @arguments, which may be NULL. */
void vt_engine_calls_add(GArray *calls, const char *command, json_object *arguments);
/* Sends all @calls at once, and sets the result or the error of each. Returns false and sets @error if replies are
 * missing: the connection is lost, or the limit is exceeded. */
bool vt_engine_client_batch(VtEngineClient *client, GArray *calls, GError **error);
/* Ends the client, but not its connection: returns the transport, owned by the caller. */
VtEngineTransport *vt_engine_client_steal(VtEngineClient *client);
