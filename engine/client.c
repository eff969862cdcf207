/* SPDX-License-Identifier: MIT */
#include "vt-engine/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/patience.h"

struct VtEngineClient {
    VtEngineTransport *transport;
    json_object *greeting;
    unsigned limit_ms;
    bool broken;
    VtEngineEventFunc event;
    void *opaque;
};

/* ---- messages ------------------------------------------------------------------------------------------ */

/* Waits for the next message. Sends meanwhile what is queued: a peer may read only after we have read its replies. */
static json_object *
receive(VtEngineClient *client, gint64 deadline, GError **error)
{
    VtEngineTransport *transport = client->transport;
    const char *text;
    size_t len;

    for (;;) {
        GError *failure = NULL;
        json_object *message;

        if (!vt_engine_transport_send(transport, error) || !vt_engine_transport_next(transport, &text, &len, error)) {
            return NULL;
        }
        if (text) {
            message = vt_json_parse_private(text, len, "the engine's monitor", &failure);
            if (!failure && !json_object_is_type(message, json_type_object)) {
                vt_error_set(&failure, "the engine's monitor: expected a JSON object");
            }
            if (failure) {
                json_object_put(message);
                g_propagate_error(error, failure);
                return NULL;
            }
            return message;
        }
        if (!vt_patience_poll(vt_engine_transport_fd(transport),
                              POLLIN | (vt_engine_transport_unsent(transport) ? POLLOUT : 0), deadline)) {
            if (errno == EINTR) {
                continue;
            }
            vt_error_set(error, "the engine's monitor: no reply within %u ms", client->limit_ms);
            return NULL;
        }
        if (!vt_engine_transport_receive(transport, error)) {
            return NULL;
        }
    }
}

/* Waits for the reply with the number @id, and passes events on. */
static json_object *
receive_reply(VtEngineClient *client, gint64 id, gint64 deadline, GError **error)
{
    for (;;) {
        json_object *message = receive(client, deadline, error);
        gint64 got;

        if (!message) {
            return NULL;
        }
        if (json_object_object_get(message, "event")) {
            if (client->event) {
                client->event(message, client->opaque);
            }
            json_object_put(message);
            continue;
        }
        got = json_object_get_int64(json_object_object_get(message, "id"));
        if (got == id) {
            return message;
        }
        json_object_put(message);
        vt_error_set(error,
                     "the engine's monitor replied to command %" G_GINT64_FORMAT " in place of %" G_GINT64_FORMAT, got,
                     id);
        return NULL;
    }
}

static void
queue_command(VtEngineClient *client, const VtEngineCall *call, gint64 id)
{
    g_autoptr(GString) text = g_string_new("{\"execute\":");
    json_object *name = json_object_new_string(call->command);

    vt_json_append(text, name);
    json_object_put(name);
    if (call->arguments) {
        g_string_append(text, ",\"arguments\":");
        vt_json_append(text, call->arguments);
    }
    g_string_append_printf(text, ",\"id\":%" G_GINT64_FORMAT "}\n", id);
    vt_engine_transport_queue(client->transport, text->str, text->len);
}

/* Moves the result of @message to @call. */
static bool
take_result(VtEngineCall *call, json_object *message, GError **error)
{
    json_object *failure = json_object_object_get(message, "error");

    if (failure) {
        const char *text = json_object_get_string(json_object_object_get(failure, "desc"));

        vt_error_set(&call->error, "%s", text ? text : "the engine gave no reason");
        call->error->code = vt_error_code(json_object_get_string(json_object_object_get(failure, "class")));
        return true;
    }
    if (!json_object_object_get_ex(message, "return", &call->result)) {
        return vt_error_set(error, "the engine's monitor: a reply without 'return' or 'error'");
    }
    json_object_get(call->result);
    return true;
}

/* ---- calls --------------------------------------------------------------------------------------------- */

void
vt_engine_call_clear(VtEngineCall *call)
{
    g_clear_pointer(&call->arguments, json_object_put);
    g_clear_pointer(&call->result, json_object_put);
    g_clear_error(&call->error);
}

GArray *
vt_engine_calls_new(void)
{
    GArray *calls = g_array_new(FALSE, FALSE, sizeof(VtEngineCall));

    g_array_set_clear_func(calls, (GDestroyNotify)vt_engine_call_clear);
    return calls;
}

void
vt_engine_calls_add(GArray *calls, const char *command, json_object *arguments)
{
    VtEngineCall call = {.command = command, .arguments = arguments};

    g_array_append_val(calls, call);
}

static bool
run_calls(VtEngineClient *client, VtEngineCall *calls, size_t n, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + client->limit_ms * G_TIME_SPAN_MILLISECOND;

    if (client->broken) {
        return vt_error_set(error, "the engine's monitor: the connection is lost");
    }
    for (size_t i = 0; i < n; i++) {
        queue_command(client, &calls[i], i + 1);
    }
    for (size_t i = 0; i < n; i++) {
        json_object *message = receive_reply(client, i + 1, deadline, error);
        bool ok = message && take_result(&calls[i], message, error);

        json_object_put(message);
        if (!ok) {
            client->broken = true;
            return false;
        }
    }
    return true;
}

bool
vt_engine_client_batch(VtEngineClient *client, GArray *calls, GError **error)
{
    return run_calls(client, (VtEngineCall *)(void *)calls->data, calls->len, error);
}

json_object *
vt_engine_client_call(VtEngineClient *client, const char *command, json_object *arguments, GError **error)
{
    VtEngineCall call = {.command = command, .arguments = arguments};

    if (!run_calls(client, &call, 1, error)) {
        return NULL;
    }
    if (call.error) {
        g_propagate_error(error, call.error);
    }
    return call.result;
}

/* ---- connection ---------------------------------------------------------------------------------------- */

VtEngineClient *
vt_engine_client_new(int fd, unsigned limit_ms, GError **error)
{
    g_autoptr(VtEngineClient) client = g_new0(VtEngineClient, 1);
    GError *failure = NULL;
    json_object *message;

    client->transport = vt_engine_transport_new(fd);
    client->limit_ms = limit_ms;
    message = receive(client, g_get_monotonic_time() + limit_ms * G_TIME_SPAN_MILLISECOND, error);
    if (!message) {
        return NULL;
    }
    client->greeting = json_object_get(json_object_object_get(message, "QMP"));
    json_object_put(message);
    if (!json_object_is_type(client->greeting, json_type_object)) {
        vt_error_set(error, "the engine's monitor sent no greeting of QMP");
        return NULL;
    }
    json_object_put(vt_engine_client_call(client, "qmp_capabilities", NULL, &failure));
    if (failure) {
        g_propagate_error(error, failure);
        return NULL;
    }
    return g_steal_pointer(&client);
}

VtEngineClient *
vt_engine_client_connect(const char *path, unsigned limit_ms, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        vt_error_set(error, "'%s': a socket's path has at most %zu bytes", path, sizeof(address.sun_path) - 1);
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        vt_error_set(error, "cannot connect to '%s': %s", path, g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    return vt_engine_client_new(fd, limit_ms, error);
}

VtEngineTransport *
vt_engine_client_steal(VtEngineClient *client)
{
    VtEngineTransport *transport = g_steal_pointer(&client->transport);

    vt_engine_client_free(client);
    return transport;
}

void
vt_engine_client_free(VtEngineClient *client)
{
    if (client) {
        vt_engine_transport_free(client->transport);
        json_object_put(client->greeting);
        g_free(client);
    }
}

json_object *
vt_engine_client_greeting(const VtEngineClient *client)
{
    return client->greeting;
}

pid_t
vt_engine_client_peer(const VtEngineClient *client)
{
    struct ucred peer = {0};
    socklen_t size = sizeof(peer);

    return getsockopt(vt_engine_transport_fd(client->transport), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid
                                                                                                             : 0;
}

void
vt_engine_client_on_event(VtEngineClient *client, VtEngineEventFunc func, void *opaque)
{
    client->event = func;
    client->opaque = opaque;
}

void
vt_engine_client_version(const VtEngineClient *client, uint32_t ret_version[3])
{
    static const char *const names[] = {"major", "minor", "micro"};
    json_object *version = json_object_object_get(json_object_object_get(client->greeting, "version"), "qemu");

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        ret_version[i] = (uint32_t)json_object_get_int(json_object_object_get(version, names[i]));
    }
}
