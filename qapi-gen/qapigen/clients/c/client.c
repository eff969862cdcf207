/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK 4096

struct QmpClient {
    int fd;
    GString *input; /* read, but not parsed */
    GQueue events;  /* of json_object */
    uint64_t n_sent;
    int files[QMP_CLIENT_FILES_MAX]; /* those that the next command sends; borrowed */
    size_t n_files;
};

G_DEFINE_QUARK(qmp - client - error, qmp_client_error)

static bool
fail(GError **error, const char *what)
{
    g_set_error(error, QMP_CLIENT_ERROR, QMP_CLIENT_ERROR_CONNECTION, "%s", what);
    return false;
}

static void
put(void *object)
{
    json_object_put(object);
}

/* ---- messages ------------------------------------------------------------------------------------------ */

/* Sends the first bytes of the text, with the descriptors that wait.  The result is that of sendmsg(). */
static ssize_t
send_part(QmpClient *client, char *text, size_t len)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof client->files)];
    } control = {0};
    struct iovec part = {.iov_base = text, .iov_len = len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t size = client->n_files * sizeof client->files[0];
    ssize_t n;

    if (size) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(size);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(&control.header), client->files, size);
    }
    n = sendmsg(client->fd, &message, MSG_NOSIGNAL);
    if (n > 0) {
        client->n_files = 0;
    }
    return n;
}

static bool
send_text(QmpClient *client, char *text, size_t len, GError **error)
{
    while (len) {
        ssize_t n = send_part(client, text, len);

        if (n < 0 && errno != EINTR) {
            return fail(error, g_strerror(errno));
        }
        text += MAX(n, 0);
        len -= (size_t)MAX(n, 0);
    }
    return true;
}

/* Reads one line, without its end.  The caller frees it. */
static char *
read_line(QmpClient *client, GError **error)
{
    const char *end;
    char *line;

    while (!(end = memchr(client->input->str, '\n', client->input->len))) {
        char chunk[CHUNK];
        ssize_t n = read(client->fd, chunk, sizeof chunk);

        if (n == 0) {
            fail(error, "the server has closed the connection");
            return NULL;
        }
        if (n < 0 && errno != EINTR) {
            fail(error, g_strerror(errno));
            return NULL;
        }
        g_string_append_len(client->input, chunk, MAX(n, 0));
    }
    line = g_strndup(client->input->str, (size_t)(end - client->input->str));
    g_string_erase(client->input, 0, end - client->input->str + 1);
    return line;
}

static json_object *
read_message(QmpClient *client, GError **error)
{
    g_autofree char *line = read_line(client, error);
    json_object *message = line ? json_tokener_parse(line) : NULL;

    if (line && !message) {
        fail(error, "the server sent no JSON");
    }
    return message;
}

/* Reads until a message has the member @name, or the member 'error'; keeps events. */
static json_object *
read_answer(QmpClient *client, const char *name, GError **error)
{
    json_object *message;

    while ((message = read_message(client, error))) {
        if (json_object_object_get_ex(message, name, NULL) || json_object_object_get_ex(message, "error", NULL)) {
            return message;
        }
        g_queue_push_tail(&client->events, message);
    }
    return NULL;
}

/* ---- the client ---------------------------------------------------------------------------------------- */

json_object *
qmp_client_execute(QmpClient *client, const char *command, json_object *arguments, GError **error)
{
    json_object *request = json_object_new_object(), *answer = NULL, *value = NULL, *failure;
    g_autofree char *text = NULL;

    json_object_object_add(request, "execute", json_object_new_string(command));
    json_object_object_add(request, "id", json_object_new_uint64(++client->n_sent));
    if (arguments) {
        json_object_object_add(request, "arguments", arguments);
    }
    text = g_strconcat(json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN), "\n", NULL);
    json_object_put(request);
    if (send_text(client, text, strlen(text), error)) {
        answer = read_answer(client, "return", error);
    }
    if (answer && json_object_object_get_ex(answer, "error", &failure)) {
        g_set_error(error, QMP_CLIENT_ERROR, QMP_CLIENT_ERROR_COMMAND, "%s: %s",
                    json_object_get_string(json_object_object_get(failure, "class")),
                    json_object_get_string(json_object_object_get(failure, "desc")));
    } else if (answer) {
        value = json_object_get(json_object_object_get(answer, "return"));
    }
    json_object_put(answer);
    return value;
}

bool
qmp_client_attach(QmpClient *client, int fd, GError **error)
{
    if (client->n_files == G_N_ELEMENTS(client->files)) {
        return fail(error, "a command sends too many descriptors");
    }
    client->files[client->n_files++] = fd;
    return true;
}

json_object *
qmp_client_next_event(QmpClient *client, GError **error)
{
    return client->events.length ? g_queue_pop_head(&client->events) : read_message(client, error);
}

static bool
negotiate(QmpClient *client, GError **error)
{
    json_object *greeting = read_answer(client, "QMP", error);
    json_object *done = greeting ? qmp_client_execute(client, "qmp_capabilities", NULL, error) : NULL;

    json_object_put(greeting);
    json_object_put(done);
    return done != NULL;
}

QmpClient *
qmp_client_new(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autoptr(QmpClient) client = g_new0(QmpClient, 1);

    client->fd = -1;
    client->input = g_string_new(NULL);
    g_queue_init(&client->events);
    if (strlen(path) >= sizeof address.sun_path) {
        fail(error, "the path of the socket is too long");
        return NULL;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        fail(error, g_strerror(errno));
        return NULL;
    }
    return negotiate(client, error) ? g_steal_pointer(&client) : NULL;
}

void
qmp_client_free(QmpClient *client)
{
    if (client) {
        if (client->fd >= 0) {
            close(client->fd);
        }
        g_string_free(client->input, TRUE);
        g_queue_clear_full(&client->events, put);
        g_free(client);
    }
}

/* ---- stubs --------------------------------------------------------------------------------------------- */

/* The argument; NULL: it is left out. */
static json_object *
encode(const QmpClientRow *row, const void *arguments)
{
    const char *field = (const char *)arguments + row->offset;

    if (row->has != QMP_CLIENT_ALWAYS && !*(const bool *)((const char *)arguments + row->has)) {
        return NULL;
    }
    switch ((QmpClientKind)row->kind) {
    case QMP_CLIENT_STR:
        return *(const char *const *)field ? json_object_new_string(*(const char *const *)field) : NULL;
    case QMP_CLIENT_INT:
        return json_object_new_int64(*(const int64_t *)field);
    case QMP_CLIENT_UINT:
        return json_object_new_uint64(*(const uint64_t *)field);
    case QMP_CLIENT_BOOL:
        return json_object_new_boolean(*(const bool *)field);
    case QMP_CLIENT_NUMBER:
        return json_object_new_double(*(const double *)field);
    case QMP_CLIENT_JSON:
        return json_object_get(*(json_object *const *)field);
    }
    g_assert_not_reached();
}

json_object *
qmp_client_call(QmpClient *client, const char *command, const QmpClientRow *rows, size_t n_rows, const void *arguments,
                GError **error)
{
    json_object *object = json_object_new_object();

    for (size_t i = 0; i < n_rows; i++) {
        json_object *value = encode(&rows[i], arguments);

        if (value) {
            json_object_object_add(object, rows[i].name, value);
        }
    }
    return qmp_client_execute(client, command, object, error);
}
