/* SPDX-License-Identifier: MIT */
/*
 * QMP: the monitor server, its sessions and the dispatch of commands by the program's table.
 *
 * A request's text is scanned straight into the command's argument struct; what a batch of requests is answered goes
 * out in one write.  Main thread only.
 */
#pragma once

#include <sys/uio.h>

#include "vt-runtime/vm.h"

typedef struct VtMonitor VtMonitor; /* one session, as command handlers see it */
typedef struct VtMonitorServer VtMonitorServer;

typedef enum VtServiceState {
    VT_SERVICE_PRELAUNCH, /* nothing has run: devices may still be plugged in as if they had been there */
    VT_SERVICE_RUNNING,
    VT_SERVICE_PAUSED,
    VT_SERVICE_RESET, /* stopped, and reset since */
    VT_SERVICE_OFF,   /* stopped by a shutdown that did not end the process; only a reset helps */
    VT_SERVICE_SHUTDOWN,
} VtServiceState;

/* What a monitor serves: one per process, owned by the program. */
typedef struct VtService {
    const VtProgram *program;
    VtVm *vm;        /* planned, at least */
    GMainLoop *loop; /* quit by the command 'quit'; may be NULL */
    VtServiceState state;
    const char *vm_name;         /* -name, or NULL */
    const char *vm_uuid;         /* -uuid, or NULL */
    const char *default_machine; /* the one that counts where none is named, or NULL */
    bool reset_ends;             /* a reset is a shutdown */
    bool shutdown_pauses;        /* a shutdown leaves the process alive */
    bool platform_pinned;        /* the platform version was asked for, not chosen */
    GPtrArray *monitors;         /* VtMonitor * that events go to; they enter themselves */
    bool held;                   /* clients are greeted by vt_service_release() and not before */
    uint64_t written;            /* bytes, to all clients */
    GHashTable *unplugging;      /* ids of devices whose deletion was asked for; NULL: none */
} VtService;

/* ---- sockets that clients come to ---------------------------------------------------------------------- */

/* @spec: "unix:PATH[,server=on|off][,wait=on|off]", "tcp:HOST:PORT[,…]", "stdio".  A server listens from here on.  */
VtMonitorServer *vt_monitor_server_new(VtService *service, const char *spec, GError **error);
/* Whether @spec is written right; nothing is opened. */
bool vt_monitor_spec_check(const char *spec, bool *ret_stdio, GError **error);
/* Whether a client should be waited for before the VM starts (wait=on), and none has come yet. */
bool vt_monitor_server_wants_client(const VtMonitorServer *server);
/* Closes its sessions (vt_service_drain() comes before) and removes its socket. */
void vt_monitor_server_free(VtMonitorServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitorServer, vt_monitor_server_free)

/* ---- a session on anything that carries bytes ----------------------------------------------------------- */

#define VT_MONITOR_BROKEN ((size_t)-1)

/* What a session needs of its connection. */
typedef struct VtMonitorIo {
    /* How many of the bytes go out now, one at least; 0: vt_monitor_writable() follows; BROKEN: none ever. */
    size_t (*write)(void *channel, const struct iovec *parts, int n_parts);
    /* The session takes input again. */
    void (*resume)(void *channel);
    /* How many written bytes the host still holds, as far as it is known. */
    size_t (*queued)(void *channel);
    /* Whether end() disconnects the client. */
    bool (*may_end)(void *channel);
    /* Once, from the main loop: the session has ended.  It may be freed here. */
    void (*end)(void *channel);
} VtMonitorIo;

/* It enters itself into service->monitors.  @pretty: answers are indented. */
VtMonitor *vt_monitor_new(VtService *service, const VtMonitorIo *io, void *channel, bool pretty);
/* A client has come: it is greeted, at once or by vt_service_release(). */
void vt_monitor_open(VtMonitor *monitor);
/* The client has gone, with all that it said and all that it was owed. */
void vt_monitor_close(VtMonitor *monitor);
/* Whether bytes are wanted now; where not, resume() follows. */
bool vt_monitor_takes_input(const VtMonitor *monitor);
void vt_monitor_feed(VtMonitor *monitor, const void *bytes, size_t len);
/* No more bytes come: the session ends when what has come is executed and answered. */
void vt_monitor_end_input(VtMonitor *monitor);
void vt_monitor_writable(VtMonitor *monitor);

VtService *vt_monitor_service(VtMonitor *monitor);
/* Nothing refuses the start any more: clients are greeted, requests are taken. */
void vt_service_release(VtService *service);
/* Runs the main loop until every client has been sent what it is owed, or none has read anything for five seconds. */
void vt_service_drain(VtService *service);

/* Sends an event to every session that has negotiated.  @type: global struct type of @data, 0: no data. */
void vt_service_event(VtService *service, const char *name, uint16_t type, const void *data);
/* The same of a tree, which it takes; NULL: no data. */
void vt_service_event_tree(VtService *service, const char *name, struct json_object *data);
/* A session without a connection, for tests and for the tool. */
VtMonitor *vt_monitor_new_detached(VtService *service);
void vt_monitor_free(VtMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitor, vt_monitor_free)

/* ---- for command handlers ------------------------------------------------------------------------------ */

/* The answer is this JSON text instead of *ret; takes it. */
void vt_monitor_answer_text(VtMonitor *monitor, char *json);
/* The answer is all such parts one after the other; they live as long as the process, and are not copied. */
void vt_monitor_answer_constant(VtMonitor *monitor, const char *json, size_t len);
/* The answer is this tree instead of *ret; takes it.  For answers that are read from the tables themselves. */
void vt_monitor_answer(VtMonitor *monitor, struct json_object *tree);
/* The answer is the list of a device class's properties, with the defaults of the running machine. */
bool vt_monitor_answer_device_class(VtMonitor *monitor, const char *name, GError **error);
/* Ends negotiation, as qmp_capabilities does. */
void vt_monitor_set_negotiated(VtMonitor *monitor);
/* Asks the guest to let go of the device with this id or path; the event DEVICE_DELETED tells that it has. */
bool vt_service_unplug(VtService *service, const char *name, GError **error);
/* Takes no more requests in any session; once the answers are out, sends the event SHUTDOWN for @reason and ends the
 * loop. */
void vt_service_shutdown(VtService *service, bool guest, const char *reason);
