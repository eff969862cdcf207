/* SPDX-License-Identifier: MIT */
/*
 * The QMP connection to an engine.
 *
 * Commands are sent in the order of the calls, without waiting for the answers of earlier ones.  The main loop reads
 * the answers and events.  Main thread only.
 */
#pragma once

#include <glib.h>

#include "vt-runtime/json-walk.h"

typedef struct VtEngineLink VtEngineLink;

/* Texts are borrowed during the call. */
typedef struct VtEngineLinkOps {
    void (*greeting)(void *opaque, VtSpan greeting); /* the value of 'QMP' */
    void (*event)(void *opaque, VtSpan name, VtSpan message);
    void (*ended)(void *opaque); /* the engine has closed the connection, and every command is answered */
} VtEngineLinkOps;

/* The answer of a command: the JSON text of its value, or an error.  At the end of the connection, commands without
 * answer get an error. */
typedef void (*VtEngineAnswerFunc)(void *opaque, VtSpan value, const GError *error);

/* Takes ownership of @fd, a connected stream socket. */
VtEngineLink *vt_engine_link_new(int fd, const VtEngineLinkOps *ops, void *opaque);
void vt_engine_link_free(VtEngineLink *link); /* answers commands without answer by an error; NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngineLink, vt_engine_link_free)
/* Sends a command.  @arguments: JSON text of an object, or a NULL text.  @answered may be NULL. */
void vt_engine_link_send(VtEngineLink *link, const char *command, VtSpan arguments, VtEngineAnswerFunc answered,
                         void *opaque);
/* The same, out of band: the engine, which has enabled this, may answer before commands that were sent earlier. */
void vt_engine_link_send_oob(VtEngineLink *link, const char *command, VtSpan arguments, VtEngineAnswerFunc answered,
                             void *opaque);
/* From now on, at most @limit commands of vt_engine_link_send() are sent and not answered; others wait here.  An engine
 * with more of them reads no command out of band. */
void vt_engine_link_set_limit(VtEngineLink *link, unsigned limit);
/* Passes @descriptors, an array of vt_descriptors_new(), with the next command. Takes ownership. */
void vt_engine_link_pass(VtEngineLink *link, GArray *descriptors);
/* Reads what has arrived, and ends the connection, whose peer has ended. */
void vt_engine_link_end(VtEngineLink *link);
/* Then no command can be sent. */
bool vt_engine_link_has_ended(const VtEngineLink *link);
