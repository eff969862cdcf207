/* SPDX-License-Identifier: MIT */
/*
 * What the files of the monitor share.  Each uses only files named before it: monitor-outgoing.c and monitor-request.c
 * (bytes that go out, a request's text), monitor-dispatch.c (requests and answers), monitor-output.c (sending),
 * monitor-event.c, monitor-session.c (bytes in), monitor-fd.c (a session on a file descriptor), monitor.c (sockets that
 * clients connect to).
 */
#pragma once

#include <json-c/json_types.h>

#include "monitor-outgoing.h"
#include "text/json-split.h"
#include "vt-runtime/await.h"
#include "vt-runtime/listener.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/own-path.h"

typedef enum VtSessionState {
    VT_SESSION_CLOSED, /* there is no client */
    VT_SESSION_HELD,   /* a client has come; it is greeted when nothing can refuse the start any more */
    VT_SESSION_OPEN,   /* requests are executed */
    VT_SESSION_ENDING, /* nothing is read, executed or written any more; VtMonitorIo.end() follows */
} VtSessionState;

struct VtMonitor {
    VtService *service;
    const VtMonitorIo *io; /* NULL: detached */
    void *channel;
    VtSessionState state;
    VtJsonSplit split;
    VtOutgoing out;           /* answers and events that are not written yet */
    GString *events;          /* events that come while a command is executed: they go out before its answer */
    char *answer_text;        /* what the running command answers, if not by its result */
    GArray *answer_constants; /* the same: of VtSpan; NULL: none */
    json_object *answer_tree;
    VtAwaits *awaits; /* of the request that is executed, or is executed again */
    GString *again;   /* its text, while it waits for its work; else NULL */
    guint ending;     /* what calls VtMonitorIo.end() */
    bool pretty;
    bool negotiated;
    bool executing;
    bool in_batch;      /* answers are gathered: the batch's end writes them */
    bool unread;        /* requests may have been received that are not executed */
    bool eof;           /* no more will be received */
    bool blocked;       /* the client does not take what it is owed; vt_monitor_writable() follows */
    bool loses;         /* events are lost to this client */
    size_t event_bytes; /* of events since the client was last owed nothing */
};

typedef struct VtMonitorFd VtMonitorFd;

struct VtMonitorServer {
    VtService *service;
    VtOwnPath *own;       /* of its socket; NULL: none */
    VtListener *listener; /* NULL: none */
    bool wait, had_client;
    bool has_stdio;
    GPtrArray *sessions; /* of VtMonitorFd, owned */
};

/* A session on open descriptors.  @is_owned: they are one socket, which the session closes.  @on_end is called once,
 * from the main loop, when the session has ended; it may free the session. */
typedef void (*VtMonitorFdEnd)(VtMonitorFd *session, void *opaque);
VtMonitorFd *vt_monitor_fd_new(VtService *service, int in, int out, bool is_owned, VtMonitorFdEnd on_end, void *opaque);
void vt_monitor_fd_free(VtMonitorFd *session);

/* Queues text; outside a batch it is written at once. */
void vt_monitor_send(VtMonitor *monitor, const char *text, size_t len);
/* Writes what is queued, as far as the client takes it. */
void vt_monitor_flush(VtMonitor *monitor);
/* Indents the queued text from @start on, if the client is to get it so. */
void vt_monitor_dress(VtMonitor *monitor, size_t start);
/* Begins the session's end if its input has ended and nothing is unread or unwritten. */
void vt_monitor_end_if_done(VtMonitor *monitor);

/* Appends the answer to one request; text that is no JSON gets an error too.  False: it is an error. */
bool vt_monitor_execute(VtMonitor *monitor, const char *text, size_t len, VtOutgoing *answer);
/* {"error": {"class", "desc"}} for text that ended before a request could be made of it. */
void vt_monitor_append_error(GString *answer, const char *class_name, const char *desc, const char *id);
/* @value, compact; takes it. */
void vt_monitor_append_json(GString *text, json_object *value);
/* The greeting. */
void vt_monitor_append_greeting(VtMonitor *monitor, GString *text);
