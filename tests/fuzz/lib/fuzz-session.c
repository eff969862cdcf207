/* SPDX-License-Identifier: MIT */
#include "fuzz-session.h"

#include <string.h>

#include "fuzz-host.h"
#include "fuzz-vm.h"
#include "service-plans.h"
#include "text/json-scan.h"
#include "vt-runtime/monitor.h"

#define SLOW     100 /* bytes that a slow client reads at once */
#define PIECE    7
#define ROUNDS   100
#define PATIENCE 10000

enum { WITH_MACHINE = 1, IN_PIECES = 2, SILENT = 4, SLOWLY = 8, RUNNING = 16 };

typedef struct Client {
    VtMonitor *monitor;
    GString *got;
    bool slow, closed;
    bool waits;  /* output is pending for a slow client */
    size_t room; /* of a slow one */
} Client;

static size_t
take(void *channel, struct iovec *parts, int n_parts)
{
    Client *client = channel;
    size_t taken = 0;

    for (int i = 0; i < n_parts; i++) {
        size_t n = client->slow ? MIN(parts[i].iov_len, client->room) : parts[i].iov_len;

        client->room -= client->slow ? n : 0;
        g_string_append_len(client->got, parts[i].iov_base, (gssize)n);
        taken += n;
    }
    client->waits = !taken;
    return taken;
}

static void
nothing(void *channel)
{
    (void)channel;
}

static size_t
none_queued(void *channel)
{
    (void)channel;
    return 0;
}

static bool
always(void *channel)
{
    (void)channel;
    return true;
}

static void
ended(void *channel)
{
    ((Client *)channel)->closed = true;
}

static const VtMonitorIo io = {
    .write = take, .resume = nothing, .queued = none_queued, .may_end = always, .end = ended};

/* Reads pending output of a slow client, and iterates the main loop. */
static void
go_on(Client *client)
{
    fuzz_settle(ROUNDS);
    for (unsigned i = 0; !client->closed && client->waits; i++) {
        g_assert_cmpuint(i, <, PATIENCE * 100);
        client->room = SLOW;
        client->waits = false;
        vt_monitor_writable(client->monitor);
        fuzz_settle(ROUNDS);
    }
}

static void
feed(Client *client, const char *text, size_t len, size_t piece)
{
    for (size_t at = 0; at < len && !client->closed && vt_monitor_takes_input(client->monitor); at += piece) {
        vt_monitor_feed(client->monitor, text + at, MIN(piece, len - at));
        go_on(client);
    }
}

/* Each line of output must be valid JSON for the scanner. */
static void
check_lines(const GString *got)
{
    g_auto(GStrv) lines = g_strsplit(got->str, "\r\n", -1);

    for (char **line = lines; *line && line[1]; line++) {
        VtScan scan;

        vt_scan_init(&scan, *line, strlen(*line));
        g_assert_true(**line == '{' && vt_scan_skip(&scan) && vt_scan_end(&scan));
    }
}

static void
converse(FuzzVm *vm, unsigned how, const char *text, size_t len)
{
    static const char hello[] = "{\"execute\":\"qmp_capabilities\"}\n";
    g_autoptr(GPtrArray) listed = g_ptr_array_new();
    VtService service = {.program = vm->program, .vm = vm->vm, .line = vm->line, .monitors = listed, .held = true};
    Client client = {.got = g_string_new(NULL), .slow = how & SLOWLY, .room = SLOW};

    service_plans_set(&service);
    service.state = how & RUNNING ? VT_SERVICE_RUNNING : VT_SERVICE_PRELAUNCH;
    client.monitor = vt_monitor_new(&service, &io, &client, false);
    vt_monitor_open(client.monitor);
    vt_service_release(&service);
    go_on(&client);
    if (!(how & SILENT)) {
        feed(&client, hello, sizeof hello - 1, sizeof hello);
    }
    feed(&client, text, len, how & IN_PIECES ? PIECE : MAX(len, 1));
    if (!client.closed) {
        vt_monitor_end_input(client.monitor);
        go_on(&client);
    }
    vt_monitor_free(client.monitor);
    check_lines(client.got);
    g_string_free(client.got, TRUE);
    /* Data that waits for the guest is dropped with the machine. */
    g_clear_pointer(&vm->vm, vt_vm_free);
    g_clear_pointer(&service.unplugging, g_hash_table_unref);
    fuzz_settle(PATIENCE);
}

void
fuzz_session(const VtProgram *program, bool machines, const uint8_t *bytes, size_t len)
{
    static const char *const nothing_at_all[] = {NULL}, *const none[] = {"-machine", "none", NULL},
                             *const q35[] = {"-machine", "q35", NULL};
    unsigned how = len ? bytes[0] : 0;
    FuzzVm vm;

    if (!len) {
        return;
    }
    fuzz_host_reset();
    fuzz_vm_init(&vm, program, !machines ? nothing_at_all : how & WITH_MACHINE ? q35 : none);
    fuzz_vm_start(&vm);
    converse(&vm, how, (const char *)bytes + 1, len - 1);
    fuzz_vm_clear(&vm);
    fuzz_host_check();
}
