/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the monitor share: monitor.c (sockets that clients come to), monitor-fd.c (a session on a file
 * descriptor), monitor-session.c (bytes in and out), monitor-dispatch.c (requests and answers), monitor-event.c.
 */
#pragma once

#include <json-c/json_types.h>

#include "text/json-split.h"
#include "vt-runtime/monitor.h"

struct VtMonitor {
    VtService *service;
    const VtMonitorIo *io; /* NULL: detached */
    void *channel;
    VtJsonSplit split;
    GString *pending; /* answers and events that are not written yet, from pending_done on */
    size_t pending_done;
    GString *told;     /* events that come while a command is executed: they go out before its answer */
    char *answer_text; /* what the running command answers, if not by its result */
    json_object *answer_tree;
    bool pretty;
    bool open; /* there is a client */
    bool negotiated;
    bool executing;
    bool in_batch; /* answers are gathered: the batch's end writes them */
    bool blocked;  /* the client does not take what it is owed */
    bool eof, broken;
};

/* A session on open descriptors of @server, which it takes. */
void vt_monitor_fd_new(VtMonitorServer *server, int in, int out, bool is_socket);

/* Queues text; outside a batch it is written at once. */
void vt_monitor_send(VtMonitor *monitor, const char *text, size_t len);

/* Appends the answer to one request; text that is no JSON gets an error too. */
void vt_monitor_execute(VtMonitor *monitor, const char *text, size_t len, GString *answer);
/* {"error": {"class", "desc"}} for text that ended before a request could be made of it. */
void vt_monitor_append_error(GString *answer, const char *class_name, const char *desc, const char *id);
/* @value, compact; takes it. */
void vt_monitor_append_json(GString *text, json_object *value);
/* The greeting. */
void vt_monitor_append_greeting(VtMonitor *monitor, GString *text);

struct VtMonitorServer {
    VtService *service;
    char *path;   /* of its socket, removed at the end; NULL: none */
    int listener; /* -1: none */
    guint watch;
    bool wait, had_client;
    bool has_stdio;
    GPtrArray *sessions; /* of VtMonitorFd, owned */
};

typedef struct VtMonitorFd VtMonitorFd;
void vt_monitor_fd_free(VtMonitorFd *session);
/* Writes what is owed even if that takes a while (a second at most). */
void vt_monitor_fd_drain(VtMonitorFd *session);
