/* SPDX-License-Identifier: MIT */
/*
 * QMP: the monitor server, its sessions and the dispatch of commands by the program's table.
 *
 * A request's text is scanned straight into the command's argument struct; what a batch of requests is answered goes
 * out in one write.  Main thread only.
 */
#pragma once

#include "vt-runtime/options.h"

typedef struct VtMonitor VtMonitor; /* one session, as command handlers see it */
typedef struct VtMonitorServer VtMonitorServer;

typedef enum VtServiceState {
    VT_SERVICE_PRELAUNCH, /* nothing has run: devices may still be plugged in as if they had been there */
    VT_SERVICE_RUNNING,
    VT_SERVICE_PAUSED,
    VT_SERVICE_SHUTDOWN,
} VtServiceState;

/* What a monitor serves: one per process, owned by the program. */
typedef struct VtService {
    const VtProgram *program;
    VtVm *vm;        /* planned, at least */
    GMainLoop *loop; /* quit by the command 'quit'; may be NULL */
    VtServiceState state;
    const char *vm_name;   /* -name, or NULL */
    bool platform_pinned;  /* the platform version was asked for, not chosen */
    GPtrArray *servers;    /* VtMonitorServer * that events go to */
    bool held;             /* sessions take no requests before vt_service_release() */
    GPtrArray *unplugging; /* ids of devices whose deletion was asked for; NULL: none */
} VtService;

/* @spec: "unix:PATH[,server=on|off][,wait=on|off]", "tcp:HOST:PORT[,…]", "stdio".  A server listens from here on.  It
 * enters itself into service->servers. */
VtMonitorServer *vt_monitor_server_new(VtService *service, const char *spec, GError **error);
/* Whether a client should be waited for before the VM starts (wait=on), and none has come yet. */
bool vt_monitor_server_wants_client(const VtMonitorServer *server);
/* Closes its sessions (what they are still owed is written) and removes its socket. */
void vt_monitor_server_free(VtMonitorServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitorServer, vt_monitor_server_free)
VtService *vt_monitor_service(VtMonitor *monitor);
/* From here on requests are taken. */
void vt_service_release(VtService *service);

/* Sends an event to every session that has negotiated.  @type: global struct type of @data, 0: no data. */
void vt_service_event(VtService *service, const char *name, uint16_t type, const void *data);
/* Executes one request text and returns the answer line (tests, and the sessions themselves). NULL: no response. */
char *vt_service_execute(VtMonitor *monitor, const char *text, size_t len);
/* A session without a connection, for tests and for the tool. */
VtMonitor *vt_monitor_new_detached(VtService *service);
void vt_monitor_free(VtMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitor, vt_monitor_free)

/* ---- for command handlers ------------------------------------------------------------------------------ */

/* The answer is this JSON text instead of *ret; takes it. */
void vt_monitor_answer_text(VtMonitor *monitor, char *json);
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
