/* SPDX-License-Identifier: MIT */
/*
 * Internals of the monitor.  Each file uses only files before it in this list: monitor-outgoing.c and monitor-request.c
 * (output queue, request text), monitor-dispatch.c (requests and replies), monitor-output.c (sending), monitor-event.c,
 * monitor-run.c (one request), monitor-oob.c (out of band), monitor-session.c (receiving), monitor-fd.c (sessions on
 * file descriptors), monitor.c (servers).
 */
#pragma once

#include <json-c/json_types.h>

#include "monitor-outgoing.h"
#include "vt-runtime/json-split.h"
#include "vt-runtime/await.h"
#include "vt-runtime/listener.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/own-path.h"

typedef enum VtSessionState {
    VT_SESSION_CLOSED, /* no client */
    VT_SESSION_HELD,   /* a client is connected; the greeting waits for vt_service_release() */
    VT_SESSION_OPEN,   /* the session executes requests */
    VT_SESSION_ENDING, /* the session stops reading, executing and writing; VtMonitorIo.end() follows */
} VtSessionState;

struct VtMonitor {
    VtService *service;
    const VtMonitorIo *io; /* NULL: no connection */
    void *channel;
    VtSessionState state;
    VtJsonSplit split;
    VtOutgoing out;           /* replies and events to write */
    GString *events;          /* events during the execution of a command: written before its reply */
    char *answer_text;        /* return value of the running command, instead of *ret */
    GArray *answer_constants; /* the same, of VtSpan; NULL: none */
    json_object *answer_tree;
    VtAwaits *awaits;                  /* work that the current request waits for */
    GString *again;                    /* text of the request that waits for work; NULL: none */
    char *held;                        /* reply that waits for the release of resources; NULL: none */
    guint ending;                      /* source that calls VtMonitorIo.end(); 0: none */
    GArray *descriptors;               /* that arrived and no command has taken */
    const VtMonitorLanguage *language; /* NULL: QMP */
    void *speaker;                     /* of @language; NULL: no client types */
    bool pretty;
    bool negotiated;
    bool oob;          /* the client may send requests out of band */
    GQueue waiting;    /* of GString: requests that were read while another one waits */
    GPtrArray *beside; /* of VtMonitor, detached: requests out of band that wait; NULL: none */
    bool executing;
    bool in_batch;      /* replies are queued until the end of the batch */
    bool unread;        /* there may be requests that were received but not executed */
    bool eof;           /* the input has ended */
    bool blocked;       /* the connection is not writable; vt_monitor_writable() follows */
    bool loses;         /* events are dropped for this client */
    size_t event_bytes; /* bytes of events since the output queue was last empty */
};

typedef struct VtMonitorFd VtMonitorFd;

struct VtMonitorServer {
    VtService *service;
    VtOwnPath *own;       /* path of its socket; NULL: none */
    VtListener *listener; /* NULL: none */
    bool wait, had_client;
    bool has_stdio, nodelay, pretty;
    void (*attach)(VtMonitor *monitor); /* sets the language of a session; NULL: it is QMP */
    GPtrArray *sessions;                /* of VtMonitorFd, owned */
};

/* A session on open file descriptors.  @is_owned: @in and @out are the same socket, which the session closes.  @on_end
 * is called once from the main loop, after the session has ended; it may free the session.  @attach sets the language
 * of the session; NULL: it is QMP. */
typedef void (*VtMonitorFdEnd)(VtMonitorFd *session, void *opaque);
VtMonitorFd *vt_monitor_fd_new(VtService *service, int in, int out, bool is_owned, bool pretty,
                               void (*attach)(VtMonitor *monitor), VtMonitorFdEnd on_end, void *opaque);
void vt_monitor_fd_free(VtMonitorFd *session);

/* Queues an event, and writes it at once unless a batch or command is in progress.  Ends the session or drops events if
 * the client does not read them. */
void vt_monitor_send(VtMonitor *monitor, const char *text, size_t len);
/* Writes queued text until the connection is not writable. */
void vt_monitor_flush(VtMonitor *monitor);
/* Indents the queued text from offset @start on, if the client requested it. */
void vt_monitor_dress(VtMonitor *monitor, size_t start);
/* Ends the session, with what is unread and unwritten.  Cancels the work that a request waits for. */
void vt_monitor_break(VtMonitor *monitor);
/* Ends the session if its input has ended and no request is unread and no reply is unwritten. */
void vt_monitor_end_if_done(VtMonitor *monitor);

/* ---- monitor-run.c ------------------------------------------------------------------------------------- */

/* Executes a request and queues the reply.  If the request waits for work in progress, keeps its text to execute it
 * again.  If only the release of resources is in progress, keeps the reply. */
void vt_monitor_run(VtMonitor *monitor, const char *text, size_t len);
/* Queues the error reply to input that is no JSON.  @problem: a phrase that says why. */
void vt_monitor_refuse(VtMonitor *monitor, const char *problem);
/* Queues the reply that waited for the release of resources. */
void vt_monitor_queue_held(VtMonitor *monitor);
/* A session without a connection, which reads nothing and receives no events.  @done: as of vt_awaits_new(), with the
 * session. */
VtMonitor *vt_monitor_new_detached(VtService *service, void (*done)(void *opaque));
void vt_monitor_free_detached(void *monitor);

/* ---- monitor-oob.c ------------------------------------------------------------------------------------- */

/* Whether the session reads requests while another one waits. */
bool vt_monitor_reads_on(const VtMonitor *monitor);
/* Reads requests while another one waits.  Executes those that are out of band; the others wait. */
void vt_monitor_read_on(VtMonitor *monitor);
/* Drops requests that wait. */
void vt_monitor_drop_waiting(VtMonitor *monitor);

/* Executes one request and appends the reply to @answer.  Invalid JSON gets an error reply.  Returns false for an error
 * reply. */
bool vt_monitor_execute(VtMonitor *monitor, const char *text, size_t len, VtOutgoing *answer);
/* Appends the reply {"error": {"class", "desc"}}.  @id: JSON text of the request's id; NULL text: none. */
void vt_monitor_append_error(GString *answer, const char *class_name, const char *desc, VtSpan id);
/* Appends @value as compact JSON.  Takes ownership of @value. */
void vt_monitor_append_json(GString *text, json_object *value);
/* Appends the greeting. */
void vt_monitor_append_greeting(VtMonitor *monitor, GString *text);
