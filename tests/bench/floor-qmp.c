/* SPDX-License-Identifier: MIT */
/*
 * floor-qmp connect|listen PATH [SIZE]: the least that a QMP server on glib and json-c does: a main loop, one tokener,
 * one write for each read.  `make bench` compares vintage-vm with it.  It connects to a socket, or serves one client
 * after another.
 *
 * It answers each request with its id and an object as large as that of query-status; query-qmp-schema with constant
 * text of SIZE bytes.  `quit` ends it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>
#include <json-c/json.h>

#define READ_SIZE   ((size_t)64 << 10)
#define SEND_BUFFER (4 << 20)

typedef struct Server {
    GMainLoop *loop;
    json_tokener *tokener;
    GString *out;
    char *constant; /* the schema */
    size_t size;
    int fd;
    bool in_value; /* the tokener has part of a request */
    bool over;     /* a client has sent "quit" */
} Server;

static char received[READ_SIZE];

static void
write_all(const Server *server, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(server->fd, text, len);

        if (n < 0) {
            exit(1);
        }
        text += n;
        len -= (size_t)n;
    }
}

static void
flush(Server *server)
{
    write_all(server, server->out->str, server->out->len);
    g_string_truncate(server->out, 0);
}

static void
answer_constant(Server *server)
{
    struct iovec parts[] = {
        {server->out->str, server->out->len}, {server->constant, server->size}, {(char *)"\"}\r\n", 4}};
    size_t len = server->out->len + server->size + 4;

    if (writev(server->fd, parts, G_N_ELEMENTS(parts)) != (ssize_t)len) {
        fprintf(stderr, "floor-qmp: the socket does not take %zu bytes\n", len);
        exit(1);
    }
    g_string_truncate(server->out, 0);
}

static void
answer(Server *server, json_object *request)
{
    const char *name = json_object_get_string(json_object_object_get(request, "execute"));
    json_object *id = json_object_object_get(request, "id");
    json_object *reply, *value;

    if (name && strcmp(name, "query-qmp-schema") == 0) {
        g_string_append(server->out, "{\"return\": \"");
        answer_constant(server);
        return;
    }
    reply = json_object_new_object();
    value = json_object_new_object();
    if (name && strcmp(name, "query-status") == 0) {
        json_object_object_add(value, "status", json_object_new_string("prelaunch"));
        json_object_object_add(value, "singlestep", json_object_new_boolean(false));
        json_object_object_add(value, "running", json_object_new_boolean(false));
    }
    json_object_object_add(reply, "return", value);
    if (id) {
        json_object_object_add(reply, "id", json_object_get(id));
    }
    g_string_append(server->out, json_object_to_json_string_ext(reply, JSON_C_TO_STRING_PLAIN));
    g_string_append(server->out, "\r\n");
    json_object_put(reply);
    if (name && strcmp(name, "quit") == 0) {
        server->over = true;
        g_main_loop_quit(server->loop);
    }
}

static gboolean
on_ready(gint fd, GIOCondition condition, gpointer opaque)
{
    Server *server = opaque;
    ssize_t n = read(fd, received, READ_SIZE);
    size_t at = 0;

    (void)condition;
    if (n <= 0) {
        g_main_loop_quit(server->loop);
        return G_SOURCE_REMOVE;
    }
    while (at < (size_t)n) {
        json_object *request;

        if (!server->in_value && g_ascii_isspace(received[at])) {
            at++;
            continue;
        }
        request = json_tokener_parse_ex(server->tokener, received + at, (int)((size_t)n - at));
        if (!request && json_tokener_get_error(server->tokener) != json_tokener_continue) {
            fprintf(stderr, "floor-qmp: invalid JSON\n");
            exit(1);
        }
        server->in_value = !request;
        if (!request) {
            break;
        }
        at += json_tokener_get_parse_end(server->tokener);
        answer(server, request);
        json_object_put(request);
    }
    flush(server);
    return G_SOURCE_CONTINUE;
}

static int
open_socket(bool listens, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (listens ? bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1)
                : connect(fd, (struct sockaddr *)&address, sizeof address)) {
        perror(path);
        exit(1);
    }
    return fd;
}

static void
serve(Server *server)
{
    static const char greeting[] = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n";
    int room = SEND_BUFFER;

    setsockopt(server->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    write_all(server, greeting, sizeof greeting - 1);
    g_unix_fd_add(server->fd, G_IO_IN, on_ready, server);
    g_main_loop_run(server->loop);
    close(server->fd);
}

int
main(int argc, char **argv)
{
    bool listens = argc > 2 && strcmp(argv[1], "listen") == 0;
    Server server = {NULL};
    int fd;

    if (argc < 3) {
        fprintf(stderr, "usage: floor-qmp connect|listen PATH [SIZE]\n");
        return 2;
    }
    server = (Server){.loop = g_main_loop_new(NULL, FALSE),
                      .tokener = json_tokener_new(),
                      .out = g_string_new(NULL),
                      .size = argc > 3 ? strtoul(argv[3], NULL, 10) : 0};
    server.constant = g_malloc(server.size + 1);
    memset(server.constant, 'x', server.size);
    fd = open_socket(listens, argv[2]);
    do {
        server.fd = listens ? accept(fd, NULL, NULL) : fd;
        serve(&server);
    } while (listens && !server.over);
    g_main_loop_unref(server.loop);
    json_tokener_free(server.tokener);
    g_string_free(server.out, TRUE);
    g_free(server.constant);
    return 0;
}
