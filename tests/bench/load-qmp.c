/* SPDX-License-Identifier: MIT */
/*
 * The client of the QMP benchmarks.  In C, because a client in Python takes longer than the servers.  It prints a line
 * for each server or program.
 *
 * each ROUNDS PATH... -- REQUEST...: the requests in sequence, each after the reply to the one before; the servers in
 * turn.  Nanoseconds of the median round, of the fastest, and of the server's processor in a round; bytes of replies.
 *
 * heap COUNT PATH... -- REQUEST: COUNT requests at once.  Requests a second.
 *
 * start ROUNDS WORD... [-- WORD...]: starts programs in turn, until each has connected to the socket '{}' and answered
 * query-version.  Nanoseconds of the median start, of the fastest, and of the processor; KiB of peak memory.
 *
 * peak ROUNDS PATH -- REQUEST...: as "each".  KiB of memory before the first round and after the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUFFER    ((size_t)32 << 20)
#define MOST      8  /* servers */
#define TURN      16 /* rounds on a server before the next one */
#define CONNECT_S 20

typedef struct Server {
    const char *path;
    int fd;
    pid_t pid;
    uint64_t *ns; /* of each round */
    uint64_t processor;
    size_t bytes;
} Server;

static char *buffer;

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list args;

    fprintf(stderr, "load-qmp: ");
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

static uint64_t
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static long
read_number(pid_t pid, const char *name, const char *key)
{
    char path[64], text[4096];
    const char *found;
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n <= 0) {
        fail("%s: %s", path, strerror(errno));
    }
    close(fd);
    text[n] = 0;
    found = strstr(text, key);
    return found ? strtol(found + strlen(key), NULL, 10) : 0;
}

/* Nanoseconds that the main thread of @pid has run. */
static uint64_t
processor_time(pid_t pid)
{
    return (uint64_t)read_number(pid, "schedstat", "");
}

static void
send_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0) {
            fail("write: %s", strerror(errno));
        }
        text += n;
        len -= (size_t)n;
    }
}

static void
send_text(int fd, const char *text)
{
    send_all(fd, text, strlen(text));
}

/* Reads one reply, and skips events before it.  Returns its size. */
static size_t
receive(int fd)
{
    size_t len = 0, line = 0;

    for (;;) {
        ssize_t n = read(fd, buffer + len, BUFFER - len);
        char *end;

        if (n <= 0) {
            fail("read: %s", n ? strerror(errno) : "the server closed the connection");
        }
        len += (size_t)n;
        while (buffer[len - 1] == '\n' && (end = memchr(buffer + line, '\n', len - line))) {
            if (len - line < 12 || memcmp(buffer + line, "{\"timestamp\"", 12) != 0) {
                if (memcmp(buffer + line, "{\"error\"", 8) == 0) {
                    fail("%.*s", (int)(end - buffer - line), buffer + line);
                }
                return len;
            }
            line = (size_t)(end + 1 - buffer);
        }
        if (len == BUFFER) {
            fail("the reply is larger than %zu bytes", BUFFER);
        }
    }
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        fail("%s: too long", path);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    return address;
}

static void
server_connect(Server *server)
{
    struct sockaddr_un address = address_of(server->path);
    struct ucred peer;
    socklen_t size = sizeof peer;
    uint64_t start = now();

    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (connect(server->fd, (struct sockaddr *)&address, sizeof address)) {
        if (now() - start > CONNECT_S * UINT64_C(1000000000)) {
            fail("%s: %s", server->path, strerror(errno));
        }
        usleep(1000);
    }
    getsockopt(server->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    server->pid = peer.pid;
    receive(server->fd);
    send_text(server->fd, "{\"execute\": \"qmp_capabilities\"}\n");
    receive(server->fd);
}

static int
by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* ---- requests in sequence ------------------------------------------------------------------------------ */

static void
round_of(Server *server, char **requests, int n)
{
    server->bytes = 0;
    for (int i = 0; i < n; i++) {
        send_text(server->fd, requests[i]);
        server->bytes += receive(server->fd);
    }
}

static void
run_each(Server *servers, int n_servers, long rounds, char **requests, int n)
{
    for (int i = 0; i < n_servers; i++) {
        servers[i].ns = calloc((size_t)rounds, sizeof(uint64_t));
        round_of(&servers[i], requests, n);
    }
    for (long first = 0; first < rounds; first += TURN) {
        for (int i = 0; i < n_servers; i++) {
            uint64_t before = processor_time(servers[i].pid);

            for (long j = first; j < rounds && j < first + TURN; j++) {
                uint64_t start = now();

                round_of(&servers[i], requests, n);
                servers[i].ns[j] = now() - start;
            }
            servers[i].processor += processor_time(servers[i].pid) - before;
        }
    }
    for (int i = 0; i < n_servers; i++) {
        qsort(servers[i].ns, (size_t)rounds, sizeof(uint64_t), by_size);
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %zu\n", servers[i].ns[rounds / 2], servers[i].ns[0],
               servers[i].processor / (uint64_t)rounds, servers[i].bytes);
        free(servers[i].ns);
    }
}

static void
run_peak(Server *server, long rounds, char **requests, int n)
{
    printf("%ld ", read_number(server->pid, "status", "VmRSS:"));
    for (long i = 0; i < rounds; i++) {
        round_of(server, requests, n);
    }
    printf("%ld\n", read_number(server->pid, "status", "VmRSS:"));
}

/* ---- many at once -------------------------------------------------------------------------------------- */

static void
run_heap(Server *server, long count, const char *request)
{
    size_t size = strlen(request), len = size * (size_t)count, sent = 0;
    char *text = malloc(len);
    long answered = 0;
    uint64_t start;

    for (long i = 0; i < count; i++) {
        memcpy(text + (size_t)i * size, request, size);
    }
    fcntl(server->fd, F_SETFL, O_NONBLOCK);
    start = now();
    while (answered < count) {
        struct pollfd ready = {.fd = server->fd, .events = sent < len ? POLLIN | POLLOUT : POLLIN};
        ssize_t n;

        poll(&ready, 1, -1);
        if (sent < len && (n = write(server->fd, text + sent, len - sent)) > 0) {
            sent += (size_t)n;
        }
        n = read(server->fd, buffer, BUFFER);
        if (n == 0) {
            fail("the server closed the connection");
        }
        for (const char *p = buffer; n > 0 && (p = memchr(p, '\n', (size_t)(buffer + n - p))); p++) {
            answered++;
        }
    }
    printf("%.0f\n", (double)count * 1e9 / (double)(now() - start));
    fcntl(server->fd, F_SETFL, 0);
    free(text);
}

/* ---- start --------------------------------------------------------------------------------------------- */

typedef struct Start {
    char *argv[8192];
    uint64_t *ns, processor;
    long kib;
} Start;

static void
start_once(Start *start, const char *path, int listener, long round)
{
    posix_spawn_file_actions_t actions;
    uint64_t before;
    int status;
    pid_t pid;
    int fd;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    before = now();
    if (posix_spawn(&pid, start->argv[0], &actions, NULL, start->argv,
                    (char *[]){(char *)"PATH=/usr/bin:/bin", NULL})) {
        fail("%s: cannot start", start->argv[0]);
    }
    if (poll(&(struct pollfd){.fd = listener, .events = POLLIN}, 1, CONNECT_S * 1000) != 1 ||
        (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
        fail("%s does not connect to %s", start->argv[0], path);
    }
    receive(fd);
    send_text(fd, "{\"execute\": \"qmp_capabilities\"}");
    receive(fd);
    send_text(fd, "{\"execute\": \"query-version\"}");
    receive(fd);
    start->ns[round] = now() - before;
    start->processor += processor_time(pid);
    start->kib = read_number(pid, "status", "VmHWM:");
    send_text(fd, "{\"execute\": \"quit\"}");
    receive(fd);
    close(fd);
    waitpid(pid, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
}

static void
run_start(long rounds, char **words, int n)
{
    static Start starts[MOST];
    static char path[64], place[MOST][256];
    struct sockaddr_un address;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), n_starts = 0, at = 0;

    snprintf(path, sizeof path, "/tmp/load-qmp.%d", (int)getpid());
    address = address_of(path);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1)) {
        fail("%s: %s", path, strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        char *hole = strstr(words[i], "{}");

        if (strcmp(words[i], "--") == 0) {
            n_starts++;
            at = 0;
            continue;
        }
        if (n_starts == MOST || at + 1 == (int)(sizeof starts[0].argv / sizeof(char *))) {
            fail("too many words");
        }
        if (hole) {
            snprintf(place[n_starts], sizeof place[0], "%.*s%s%s", (int)(hole - words[i]), words[i], path, hole + 2);
        }
        starts[n_starts].argv[at++] = hole ? place[n_starts] : words[i];
    }
    n_starts++;
    for (int i = 0; i < n_starts; i++) {
        starts[i].ns = calloc((size_t)rounds + 1, sizeof(uint64_t));
        start_once(&starts[i], path, listener, rounds);
        starts[i].processor = 0;
    }
    for (long round = 0; round < rounds; round++) {
        for (int i = 0; i < n_starts; i++) {
            start_once(&starts[i], path, listener, round);
        }
    }
    unlink(path);
    for (int i = 0; i < n_starts; i++) {
        qsort(starts[i].ns, (size_t)rounds, sizeof(uint64_t), by_size);
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %ld\n", starts[i].ns[rounds / 2], starts[i].ns[0],
               starts[i].processor / (uint64_t)rounds, starts[i].kib);
        free(starts[i].ns);
    }
}

int
main(int argc, char **argv)
{
    static Server servers[MOST];
    long count = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
    int n_servers = 0;
    char **requests;
    int n;

    if (count <= 0) {
        fprintf(stderr, "usage: load-qmp each|heap|start|peak COUNT ...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    buffer = malloc(BUFFER);
    memset(buffer, 0, BUFFER); /* page faults are not measured */
    if (strcmp(argv[1], "start") == 0) {
        run_start(count, argv + 3, argc - 3);
        return 0;
    }
    for (; 3 + n_servers < argc && strcmp(argv[3 + n_servers], "--") != 0; n_servers++) {
        if (n_servers == MOST) {
            fail("too many servers");
        }
        servers[n_servers].path = argv[3 + n_servers];
        server_connect(&servers[n_servers]);
    }
    requests = argv + 4 + n_servers;
    n = argc - 4 - n_servers;
    if (n <= 0) {
        fail("no requests");
    }
    if (strcmp(argv[1], "each") == 0) {
        run_each(servers, n_servers, count, requests, n);
    } else if (strcmp(argv[1], "peak") == 0) {
        run_peak(&servers[0], count, requests, n);
    } else {
        for (int i = 0; i < n_servers; i++) {
            run_heap(&servers[i], count, requests[0]);
        }
    }
    return 0;
}
