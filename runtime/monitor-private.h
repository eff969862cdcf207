/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the monitor share: monitor.c (servers), monitor-session.c (bytes in and out), monitor-dispatch.c
 * (requests and answers), monitor-event.c.
 */
#pragma once

#include <json-c/json_types.h>

#include "json-split.h"
#include "vt-runtime/monitor.h"

struct VtMonitor {
    VtService *service;
    VtMonitorServer *server; /* NULL: detached */
    int in, out;             /* the same descriptor for sockets; -1: detached */
    guint in_watch, out_watch;
    VtJsonSplit split;
    GString *pending; /* answers and events that are not written yet, from pending_done on */
    size_t pending_done;
    char *answer_text; /* what the running command answers, if not by its result */
    json_object *answer_tree;
    bool is_socket;
    bool negotiated;
    bool in_batch; /* answers are gathered: the batch's end writes them */
    bool eof, broken;
};

struct VtMonitorServer {
    VtService *service;
    char *path;   /* of its socket, removed at the end; NULL: none */
    int listener; /* -1: none */
    guint watch;
    bool wait, had_client;
    GPtrArray *sessions; /* of VtMonitor, owned */
};

/* A session on open descriptors, which it takes; sends the greeting. */
VtMonitor *vt_monitor_new(VtMonitorServer *server, int in, int out, bool is_socket);
/* Starts reading, unless the service is held or shuts down. */
void vt_monitor_start(VtMonitor *monitor);
/* Queues text; outside a batch it is written at once. */
void vt_monitor_send(VtMonitor *monitor, const char *text, size_t len);
void vt_monitor_flush(VtMonitor *monitor);
/* Writes what is owed even if that takes a while (a second at most). */
void vt_monitor_drain(VtMonitor *monitor);

/* Appends the answer to one request; text that is no JSON gets an error too. */
void vt_monitor_execute(VtMonitor *monitor, const char *text, size_t len, GString *answer);
/* {"error": {"class", "desc"}} for text that ended before a request could be made of it. */
void vt_monitor_append_error(GString *answer, const char *class_name, const char *desc, const char *id);
/* @value, compact; takes it. */
void vt_monitor_append_json(GString *text, json_object *value);
/* The greeting. */
void vt_monitor_append_greeting(VtMonitor *monitor, GString *text);
