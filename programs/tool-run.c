/* SPDX-License-Identifier: MIT */
/*
 * vintage run: runs a VM, and reports its start, its events and its end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"
#include "vt-engine/client.h"
#include "vt-engine/process.h"
#include "vt-engine/transport.h"
#include "vt-runtime/error.h"
#include "vt-runtime/json.h"
#include "vt-runtime/patience.h"

#define PROGRAM     "vintage-vm"
#define MONITOR     "vintage-run" /* id of the character device of our monitor */
#define FOREVER_S   (G_MAXINT32)  /* without --timeout */
#define START_MS    120000        /* of the start: the first probe of an engine takes seconds */
#define LATE_STATUS 124           /* of a VM that --timeout ended, as of timeout(1) */

typedef struct RunTool {
    bool json;
    GPid pid;
    guint64 timeout; /* seconds; 0: none */
} RunTool;

/* ---- reports ------------------------------------------------------------------------------------------- */

/* Reports @what with @members, on standard error, because the guest may use standard output. Takes ownership of
 * @members; NULL: none. */
static void
report(const RunTool *run, const char *what, json_object *members)
{
    g_autofree char *text = NULL;

    if (run->json) {
        json_object *line = json_object_new_object();

        vt_json_add_text(line, "event", what);
        json_object_object_add(line, "data", members ? members : json_object_new_object());
        text = vt_json_line(line);
        json_object_put(line);
        fputs(text, stderr);
        return;
    }
    fprintf(stderr, "vintage: %s", what);
    if (members) {
        json_object_object_foreach (members, name, value) {
            g_autofree char *word = tool_value_text(value);

            fprintf(stderr, " %s=%s", name, word);
        }
    }
    fputc('\n', stderr);
    json_object_put(members);
}

static void
report_event(json_object *event, void *opaque)
{
    json_object *name = NULL, *data = NULL;

    json_object_object_get_ex(event, "event", &name);
    json_object_object_get_ex(event, "data", &data);
    if (name) {
        report(opaque, json_object_get_string(name), json_object_get(data));
    }
}

/* Reports what runs the VM, and how many of its values were verified. */
static void
report_start(const RunTool *run, VtEngineClient *client)
{
    report(run, "started", vt_engine_client_call(client, "query-engine", NULL, NULL));
}

/* ---- the process --------------------------------------------------------------------------------------- */

/* In the child, before it executes the program. */
static void
end_with_us(gpointer parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != GPOINTER_TO_INT(parent)) {
        _exit(1);
    }
}

/* The program beside this one, or the one that PATH has. The caller frees it. */
static char *
find_program(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = own ? g_path_get_dirname(own) : NULL;
    g_autofree char *beside = directory ? g_build_filename(directory, PROGRAM, NULL) : NULL;

    return beside && access(beside, X_OK) == 0 ? g_steal_pointer(&beside) : g_strdup(PROGRAM);
}

/* Starts the program. Returns our end of its monitor, or -1. */
static int
start_program(RunTool *run, const GPtrArray *words, GError **error)
{
    const char *const monitor[] = {"-chardev", "socket,id=" MONITOR ",fd=3", "-mon", "chardev=" MONITOR ",mode=control",
                                   NULL};
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autofree char *program = find_program();
    g_auto(GStrv) argv = NULL;
    const int kept = 3, none = -1;
    int fds[2];
    bool ok;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        vt_error_set(error, "no socket pair: %s", g_strerror(errno));
        return -1;
    }
    g_strv_builder_add(builder, program);
    for (guint i = 0; i < words->len; i++) {
        g_strv_builder_add(builder, words->pdata[i]);
    }
    for (const char *const *word = monitor; *word; word++) {
        g_strv_builder_add(builder, *word);
    }
    argv = g_strv_builder_end(builder);
    ok = g_spawn_async_with_pipes_and_fds(
        NULL, (const char *const *)argv, NULL,
        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, end_with_us,
        GINT_TO_POINTER(getpid()), none, none, none, &fds[1], &kept, 1, &run->pid, NULL, NULL, NULL, error);
    close(fds[1]);
    if (!ok) {
        close(fds[0]);
    }
    return ok ? fds[0] : -1;
}

/* Reports what arrives until the connection ends or the time is over. Returns false if the time is over. */
static bool
watch(RunTool *run, VtEngineTransport *transport, gint64 deadline)
{
    for (;;) {
        const char *text = NULL;
        size_t len = 0;

        if (!vt_engine_transport_next(transport, &text, &len, NULL)) {
            return true;
        }
        if (text) {
            json_object *message = vt_json_parse(text, len, "monitor", NULL);

            report_event(message, run);
            json_object_put(message);
            continue;
        }
        if (!vt_patience_poll(vt_engine_transport_fd(transport), POLLIN, deadline) && errno != EINTR) {
            return false;
        }
        if (!vt_engine_transport_receive(transport, NULL)) {
            return true;
        }
    }
}

/* The exit status of this program, after the end of the VM. */
static int
wait_for_end(const RunTool *run, bool late)
{
    int status = 0;

    while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR) {
    }
    return late ? LATE_STATUS : vt_engine_end_status(status);
}

static int
run_vm(RunTool *run, const ToolArguments *arguments)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();
    g_autoptr(VtSchema) schema = tool_schema_new();
    g_autoptr(GPtrArray) words = tool_vm_words(schema, arguments, &error);
    int fd = words ? start_program(run, words, &error) : -1;
    g_autoptr(VtEngineClient) client = NULL;
    g_autoptr(VtEngineTransport) transport = NULL;
    bool late = false;

    if (fd < 0) {
        return tool_failed(error);
    }
    signal(SIGINT, SIG_IGN); /* the program gets it, too, and ends */
    client = vt_engine_client_new(fd, START_MS, NULL);
    if (client) {
        vt_engine_client_on_event(client, report_event, run);
        report_start(run, client);
        transport = vt_engine_client_steal(g_steal_pointer(&client));
        late = !watch(run, transport, begin + (gint64)(run->timeout ? run->timeout : FOREVER_S) * G_USEC_PER_SEC);
    }
    if (late) {
        report(run, "timeout", NULL);
        kill(run->pid, SIGTERM);
    }
    return wait_for_end(run, late);
}

int
tool_run(int argc, char **argv)
{
    RunTool run = {false};
    const char *timeout = NULL;
    const ToolOption own[] = {TOOL_JSON(&run.json),
                              {.name = "--timeout",
                               .value = &timeout,
                               .word = "SECONDS",
                               .doc = "ends the VM after this time, with status 124"},
                              {NULL}};
    g_auto(ToolArguments) arguments = {NULL};

    if (!tool_arguments_parse(&arguments, "run", own, argc, argv)) {
        return TOOL_WRONG_USE;
    }
    if (!tool_arguments_are_one_vm(&arguments)) {
        return tool_misused("run", TOOL_ONE_VM);
    }
    if (timeout && !g_ascii_string_to_unsigned(timeout, 10, 1, G_MAXINT32, &run.timeout, NULL)) {
        return tool_misused("run", "--timeout: expected a number of seconds, got %s", timeout);
    }
    return run_vm(&run, &arguments);
}
