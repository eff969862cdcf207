/* SPDX-License-Identifier: MIT */
/*
 * QMP: monitor servers, their sessions, and the dispatch of commands by the program's table.
 *
 * The argument struct of a command is decoded directly from the request's text.  Replies to a batch of requests share
 * one write.  Main thread only.
 */
#pragma once

#include <sys/uio.h>

#include "vt-gen/runtime.h"
#include "vt-runtime/json-walk.h"
#include "vt-runtime/vm.h"

typedef struct VtMonitor VtMonitor; /* one session */
typedef struct VtMonitorServer VtMonitorServer;

typedef enum VtServiceState {
    VT_SERVICE_PRELAUNCH, /* the guest has not run; added devices are not hot-plugged */
    VT_SERVICE_RUNNING,
    VT_SERVICE_PAUSED,
    VT_SERVICE_RESET, /* stopped and reset */
    VT_SERVICE_OFF,   /* stopped by a guest shutdown, while the process lives on; only a reset leaves this state */
    VT_SERVICE_SHUTDOWN,
} VtServiceState;

/* A command with the JSON text of its arguments; a NULL text: none.  @descriptors: those that came with it, of
 * vt_descriptors_new(), which run() may take; NULL: none. */
typedef struct VtRelayed {
    const char *command;
    VtSpan arguments;
    GArray *descriptors;
    bool oob; /* out of band */
} VtRelayed;

/* The functions of a process that runs the VM in place of this one.  @engine: VtService.engine. */
typedef struct VtRelayOps {
    /* Runs a command there, and appends the JSON text of its value to @ret.  Waits as vt-runtime/await.h describes: the
     * request runs again, and then has the answer. */
    bool (*run)(void *engine, const VtRelayed *command, GString *ret, GError **error);
    /* Returns whether the current request has its answer. */
    bool (*answered)(void *engine);
    /* Returns whether that process runs commands out of band.  With @use, prepares for them. */
    bool (*oob)(void *engine, bool use);
    /* Waits until no other request changes the VM.  The same. */
    bool (*turn)(void *engine, GError **error);
    /* The version of that process, as query-version returns it.  A new reference. */
    json_object *(*version)(void *engine);
    /* Ends that process, because of a signal. */
    void (*shutdown)(void *engine);
} VtRelayOps;

/* Who changes the configuration before the machine exists: service-preconfig.c. */
typedef struct VtPreconfig VtPreconfig;
struct VtPreconfig {
    /* Sets options, {NAME: value}: all of them, or none.  @command names the values in errors. */
    bool (*set)(VtPreconfig *self, const char *command, json_object *options, GError **error);
    /* @command created an object below @root by the JSON text @text. */
    void (*created)(VtPreconfig *self, const VtClassInfo *root, const char *command, VtSpan text);
    /* Creates such an object with all others in one plan: others make room for it. */
    bool (*create)(VtPreconfig *self, const VtClassInfo *root, const char *command, VtSpan text);
    /* A client set a property of the object at @path. */
    void (*changed)(VtPreconfig *self, const char *path, const char *property, json_object *value);
};

struct VtOverrides; /* vt-runtime/options.h */

struct VtReloaded;                              /* vt-runtime/reload.h */
typedef struct VtServiceReload VtServiceReload; /* service-reload.c */
/* The end of a reload.  @error: why nothing has changed; NULL: @result has changed.  Both are borrowed. */
typedef void (*VtReloadedFunc)(const struct VtReloaded *result, const GError *error, void *opaque);

/* The state that all monitors of a process share.  Owned by the program. */
typedef struct VtService {
    const VtProgram *program;
    VtVm *vm;                         /* planned or realized; borrowed */
    const struct VtCommandLine *line; /* of @vm; borrowed */
    /* Writes @vm, planned by @line, as a configuration: vt_command_line_freeze(). */
    json_object *(*freeze)(const struct VtCommandLine *line, VtVm *vm, GError **error);
    /* Writes what the user gave, with values of @vm in force: vt_command_line_effective(). */
    json_object *(*effective)(const struct VtCommandLine *line, const VtVm *vm, bool settled);
    /* Creates a context without a configuration.  The caller frees it.  NULL on error. */
    VtContext *(*context)(const struct VtService *service, const struct VtOverrides *overrides, GError **error);
    /* Plans a VM by the text of a configuration, which @where names in errors.  The caller frees it.  NULL on error. */
    VtVm *(*plan)(const struct VtService *service, const char *where, const char *text,
                  const struct VtOverrides *overrides, GError **error);
    /* Reads the configuration files again, and calls @func later, when the objects are those of the files.  Fails at
     * once if the files have an error, or differ in more than objects.  NULL: the program does not read them again. */
    bool (*reload)(struct VtService *service, VtReloadedFunc func, void *opaque, GError **error);
    VtServiceReload *reloader; /* for @reload */
    GMainLoop *loop;           /* quit by vt_service_shutdown(); may be NULL */
    VtServiceState state;
    const char *vm_name;     /* -name, or NULL */
    const char *vm_uuid;     /* -uuid, or NULL */
    bool reset_ends;         /* a guest reset is a shutdown */
    bool shutdown_pauses;    /* a guest shutdown stops the VM, but not the process */
    const VtLifeCheck *life; /* what clients must not use, or do not get; NULL: no restriction; borrowed */
    bool platform_pinned;    /* the user set the platform version */
    GPtrArray *monitors;     /* VtMonitor * that receive events; each session adds itself */
    const VtRelayOps *relay; /* NULL: this process runs the VM */
    void *engine;            /* the VtEngine of a program that may have one, else NULL; borrowed */
    VtRelayed running;       /* with @relay: the command that runs */
    GPtrArray *left;         /* of VtMonitor, owned: requests of clients that are gone, which cannot stop; NULL: none */
    VtPreconfig *preconfig;  /* the machine does not exist yet: only commands that complete the configuration run; NULL:
                              * it exists; borrowed */
    struct VtAwaited *leaving; /* answer to the request that ends @preconfig; NULL: none */
    bool held;                 /* new clients get no greeting before vt_service_release() */
    uint64_t written;          /* bytes written to all clients so far */
    GHashTable *unplugging;    /* ids of devices with a pending device_del; NULL: none */
} VtService;

/* VT_OUTPUT_* for what clients get: the user may hide deprecated and unstable members. */
unsigned vt_service_output_flags(const VtService *service);

/* ---- servers ------------------------------------------------------------------------------------------- */

/* Creates a server, which listens or connects at once.  Returns NULL on error. */
VtMonitorServer *vt_monitor_server_new(VtService *service, const VtQmpServer *spec, GError **error);
/* Checks @spec without opening anything. */
bool vt_monitor_server_check(const VtQmpServer *spec, GError **error);
bool vt_monitor_server_is_stdio(const VtQmpServer *spec);
/* The address for messages: "unix:PATH".  The caller frees it. */
char *vt_monitor_server_name(const VtQmpServer *spec);
/* Returns whether startup waits for a client of this server (wait=on), and none has connected yet. */
bool vt_monitor_server_wants_client(const VtMonitorServer *server);
/* Closes the sessions of the server and removes its socket.  Call vt_service_drain() first, or clients lose replies. */
void vt_monitor_server_free(VtMonitorServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitorServer, vt_monitor_server_free)

/* ---- sessions on any byte stream ------------------------------------------------------------------------ */

#define VT_MONITOR_BROKEN ((size_t)-1)

/* The functions that a connection provides to its session. */
typedef struct VtMonitorIo {
    /* Writes some bytes and returns their number, at least one.  Returns 0 if the connection is not writable now; it
     * then calls vt_monitor_writable() later.  Returns VT_MONITOR_BROKEN if the connection failed.  @parts is valid
     * during the call, which may change it, but not the bytes that it points to. */
    size_t (*write)(void *channel, struct iovec *parts, int n_parts);
    /* Called when the session accepts input again. */
    void (*resume)(void *channel);
    /* Returns the number of written bytes that the host still buffers, as far as it is known. */
    size_t (*queued)(void *channel);
    /* Returns whether end() disconnects the client. */
    bool (*may_end)(void *channel);
    /* Called once, from the main loop, after the session has ended.  It may free the session. */
    void (*end)(void *channel);
} VtMonitorIo;

/* Creates a session and adds it to service->monitors.  @pretty: indent replies. */
VtMonitor *vt_monitor_new(VtService *service, const VtMonitorIo *io, void *channel, bool pretty);
/* Call this when a client connects.  The session sends the greeting at once or in vt_service_release(). */
void vt_monitor_open(VtMonitor *monitor);
/* Call this when the client disconnects.  Discards unread requests and unsent replies. */
void vt_monitor_close(VtMonitor *monitor);
/* Returns whether the session accepts input now.  If not, it calls VtMonitorIo.resume() later. */
bool vt_monitor_takes_input(const VtMonitor *monitor);
/* Adds @len bytes of input, which are copied, and executes the requests that are complete.  Call it while
 * vt_monitor_takes_input() returns true, or the input that waits has no limit. */
void vt_monitor_feed(VtMonitor *monitor, const void *bytes, size_t len);
/* Descriptors that arrive with input; pass them to vt_descriptors_receive() before vt_monitor_feed(). */
GArray *vt_monitor_descriptors(VtMonitor *monitor);
/* Call this at the end of the input.  The session executes all received requests, sends the replies, and ends. */
void vt_monitor_end_input(VtMonitor *monitor);
/* Call this when the connection is writable again after VtMonitorIo.write() returned 0. */
void vt_monitor_writable(VtMonitor *monitor);

/* A language of requests and replies in place of QMP.  @speaker: of vt_monitor_set_language(). */
typedef struct VtMonitorLanguage {
    /* Appends what a new client gets. */
    void (*greet)(void *speaker, GString *out);
    /* Takes input. */
    void (*feed)(void *speaker, const char *bytes, size_t len);
    /* Returns the next request of the input, which the caller frees, or NULL.  Appends what the client gets meanwhile.
     */
    char *(*next)(void *speaker, GString *out);
    /* Runs a request and appends its reply.  Returns false with @error if the request waits for work: it then runs
     * again. */
    bool (*execute)(VtMonitor *monitor, const char *text, GString *out, GError **error);
    /* The client is gone: forgets the input. */
    void (*reset)(void *speaker);
    void (*free)(void *speaker);
} VtMonitorLanguage;

/* Sets the language of a new session.  Takes ownership of @speaker. */
void vt_monitor_set_language(VtMonitor *monitor, const VtMonitorLanguage *language, void *speaker);
/* The speaker of a session with this language; NULL: it has none. */
void *vt_monitor_speaker(const VtMonitor *monitor, const VtMonitorLanguage *language);

VtService *vt_monitor_service(VtMonitor *monitor);
/* Call this when startup can no longer fail.  Sends the pending greetings and starts to forward events of the VM. */
void vt_service_release(VtService *service);
/* Gives up the requests of clients that are gone, then runs the main loop until every client has received its replies,
 * or no client has read anything for five seconds. */
void vt_service_drain(VtService *service);

/* Sends an event to every session that has completed negotiation.  @type: global number of the struct type of @data; 0:
 * no data. */
void vt_service_event(VtService *service, const char *name, uint16_t type, const void *data);
/* The same for a JSON tree; takes ownership of @data.  NULL: no data. */
void vt_service_event_tree(VtService *service, const char *name, struct json_object *data);
/* Sends the JSON text of an event of the engine. */
void vt_service_event_text(VtService *service, VtSpan text);
/* Frees a session of vt_monitor_new(); NULL is a no-op. */
void vt_monitor_free(VtMonitor *monitor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtMonitor, vt_monitor_free)

/* ---- for command handlers ------------------------------------------------------------------------------ */

/* Makes @json the return value of the command, instead of *ret.  Takes ownership of @json. */
void vt_monitor_answer_text(VtMonitor *monitor, char *json);
/* Begins the list that the command returns: "[", or with an engine its list without "]".  Fails if the engine does, and
 * while its answer is not there yet. */
bool vt_monitor_begin_list(VtMonitor *monitor, GString *text, GError **error);
/* Appends a part to the return value of the command, which replaces *ret.  @json must live as long as the process; it
 * is not copied. */
void vt_monitor_answer_constant(VtMonitor *monitor, const char *json, size_t len);
/* Makes @tree the return value of the command, instead of *ret.  Takes ownership of @tree. */
void vt_monitor_answer(VtMonitor *monitor, struct json_object *tree);
/* Makes the property list of a device class the return value, with the defaults of the running machine.  Fails if the
 * class is unknown or not a device. */
bool vt_monitor_answer_device_class(VtMonitor *monitor, const char *name, GError **error);
/* Runs a command for the request of @monitor.  @arguments: an object, borrowed; NULL: none.  Returns its value, a new
 * reference; NULL on error, also if the request waits for work and runs again. */
struct json_object *vt_monitor_call(VtMonitor *monitor, const char *command, struct json_object *arguments,
                                    GError **error);
/* As vt_monitor_call(), for a command that the engine runs in any case.  Requires VtService.relay. */
struct json_object *vt_monitor_relay(VtMonitor *monitor, const char *command, struct json_object *arguments,
                                     GError **error);
/* Returns whether the request of @monitor waits for work. */
bool vt_monitor_waits(const VtMonitor *monitor);
/* The command @name of the program, or NULL. */
const VtCommand *vt_program_command(const VtProgram *program, const char *name);
/* Completes capabilities negotiation. */
void vt_monitor_set_negotiated(VtMonitor *monitor);
/* Lets the client send commands out of band. */
void vt_monitor_set_oob(VtMonitor *monitor);
/* Requests the unplug of the device with this id or path.  The event DEVICE_DELETED reports that it is complete;
 * DEVICE_UNPLUG_GUEST_ERROR, that it failed.  Returns false if the device is unknown, in use, already being unplugged,
 * or not hot-pluggable. */
bool vt_service_unplug(VtService *service, const char *name, GError **error);
/* Call this when the engine has deleted the device @id. */
void vt_service_unplugged(VtService *service, const char *id);
/* Stops accepting requests in all sessions, and quits the loop.  The event SHUTDOWN was sent. */
void vt_service_end(VtService *service);
/* Stops accepting requests in all sessions, then, from the main loop, sends the event SHUTDOWN and quits the loop.
 * @guest, @reason: members of the event.  @reason must live until then.  No effect if a shutdown is pending.
 * With an engine, ends the engine only; its end is the end of the service. */
void vt_service_shutdown(VtService *service, bool guest, const char *reason);
