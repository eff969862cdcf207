/* SPDX-License-Identifier: MIT */
/*
 * tap: frames through a network interface of the host's kernel.  They are read from all queues and written to the
 * first.
 */
#include <errno.h>
#include <string.h>

#include "cable.h"
#include "packets.h"
#include "tap-open.h"
#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

typedef struct State {
    VtTapInfo info;
    VtPackets packets; /* one descriptor for each queue */
    bool set_up;       /* the script has run */
} State;

const VtOps vt_ops_netdev_tap;

/* ---- checks -------------------------------------------------------------------------------------------- */

static bool
check_name(const char *name, GError **error)
{
    if (name && (!*name || strlen(name) >= IFNAMSIZ)) {
        return vt_error_set(error, "ifname: '%s' has %zu bytes; expected 1 to %d", name, strlen(name), IFNAMSIZ - 1);
    }
    return true;
}

static bool
check_fds(const char *text, const char *what, GError **error)
{
    g_auto(GStrv) parts = text ? g_strsplit(text, ":", -1) : NULL;

    if (text && !*text) {
        return vt_error_set(error, "%s: expected a file descriptor, got ''", what);
    }
    for (size_t i = 0; parts && parts[i]; i++) {
        guint64 fd;

        if (!g_ascii_string_to_unsigned(parts[i], 10, STDERR_FILENO + 1, G_MAXINT, &fd, NULL)) {
            return vt_error_set(error, "%s: '%s' is not the number of an unused file descriptor", what, parts[i]);
        }
    }
    return true;
}

/* These members configure a new interface; they conflict with one that is already open, or that a helper opens. */
static bool
check_open_already(VtObject *object, const VtNetdevTap *config, GError **error)
{
    static const char *const members[] = {"ifname", "script", "downscript", "vnet_hdr", "queues"};
    const char *how = config->fd ? "fd" : config->fds ? "fds" : config->helper ? "helper" : NULL;

    if (config->fd && config->fds) {
        return vt_error_set(error, "fd and fds are mutually exclusive");
    }
    if ((config->fd || config->fds) && config->helper) {
        return vt_error_set(error, "helper: cannot be combined with %s", how);
    }
    for (size_t i = 0; how && i < G_N_ELEMENTS(members); i++) {
        if (vt_net_is_said(object, members[i])) {
            return vt_error_set(error, "%s: cannot be combined with %s", members[i], how);
        }
    }
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    if (vt_net_is_said(object, "vhost") && !config->vhost && (config->vhostfd || config->vhostfds)) {
        return vt_error_set(error, "%s: cannot be combined with vhost=off", config->vhostfd ? "vhostfd" : "vhostfds");
    }
    return check_name(config->ifname, error) && check_fds(config->fd, "fd", error) &&
           check_fds(config->fds, "fds", error) && check_open_already(object, config, error);
}

/* ---- scripts ------------------------------------------------------------------------------------------- */

static bool
names_script(const char *script)
{
    return script && *script && strcmp(script, "no") != 0;
}

static bool
run_script(const char *script, const char *member, const char *name, GError **error)
{
    g_autofree char *program = g_strdup(script), *interface = g_strdup(name);
    char *argv[] = {program, interface, NULL};
    g_autoptr(GError) failure = NULL;
    int status;

    if (!names_script(script)) {
        return true;
    }
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &failure) ||
        !g_spawn_check_wait_status(status, &failure)) {
        return vt_error_set(error, "%s: '%s': %s", member, script, failure->message);
    }
    return true;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static void
unrealize(VtObject *object)
{
    const VtNetdevTap *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_tap);

    if (state->set_up) {
        run_script(config->downscript, "downscript", state->info.name, NULL);
    }
    vt_packets_clear(&state->packets);
    state->set_up = false;
}

static bool
add_queue(VtObject *object, State *state, int fd, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    vt_packets_add(&state->packets, fd);
    if (!vt_tap_limit(fd, config->sndbuf) && vt_net_is_said(object, "sndbuf")) {
        return vt_error_set(error, "sndbuf: %" G_GUINT64_FORMAT ": %s", config->sndbuf, g_strerror(errno));
    }
    return true;
}

static bool
adopt_queues(VtObject *object, State *state, const char *fds, const char *what, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(fds, ":", -1);

    for (size_t i = 0; parts[i]; i++) {
        VtTapInfo info;
        int fd = (int)g_ascii_strtoll(parts[i], NULL, 10);

        if (!vt_tap_adopt(fd, what, &info, error) || !add_queue(object, state, fd, error)) {
            return false;
        }
        if (i && (strcmp(info.name, state->info.name) != 0 || info.header_size != state->info.header_size)) {
            return vt_error_set(error, "%s: '%s' and '%s' are different interfaces, or have different flags", what,
                                state->info.name, info.name);
        }
        state->info = info;
    }
    return true;
}

static bool
open_queues(VtObject *object, State *state, const VtNetdevTap *config, GError **error)
{
    VtTapHeader header = VT_TAP_HEADER_MAYBE;
    const char *name = config->ifname;

    if (vt_net_is_said(object, "vnet_hdr")) {
        header = config->vnet_hdr ? VT_TAP_HEADER_YES : VT_TAP_HEADER_NO;
    }
    for (uint32_t i = 0; i < config->queues; i++) {
        int fd = vt_tap_open(name, config->queues > 1, header, &state->info, error);

        if (fd < 0 || !add_queue(object, state, fd, error)) {
            return false;
        }
        name = state->info.name;
    }
    state->set_up = run_script(config->script, "script", name, error);
    return state->set_up;
}

static bool
start(VtObject *object, State *state, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    if (config->vhost || config->vhostfd || config->vhostfds || config->vhostforce) {
        return vt_error_set(error, "vhost: no device of this program supports it; set vhost=off");
    }
    if (config->helper) {
        return vt_error_set(error,
                            "helper: '%s': helpers are not supported; open the interface first and pass it as 'fd'",
                            config->helper);
    }
    if (config->fd || config->fds
            ? !adopt_queues(object, state, config->fd ? config->fd : config->fds, config->fd ? "fd" : "fds", error)
            : !open_queues(object, state, config, error)) {
        return false;
    }
    if (state->info.header_size > VT_PACKET_HEADER_MAX) {
        return vt_error_set(error, "interface '%s': the header size %u exceeds the maximum %d", state->info.name,
                            state->info.header_size, VT_PACKET_HEADER_MAX);
    }
    state->packets.header_size = state->info.header_size;
    return true;
}

/* Checks the scripts first, because the interface does not exist yet. */
static bool
check_programs(const VtObject *object, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    return (!names_script(config->script) || vt_object_check_calls(object, VT_SYSCALL_GROUP_SPAWN, "script", error)) &&
           (!names_script(config->downscript) ||
            vt_object_check_calls(object, VT_SYSCALL_GROUP_SPAWN, "downscript", error));
}

static bool
realize(VtObject *object, GError **error)
{
    State *state = vt_object_state(object, &vt_ops_netdev_tap);

    *state = (State){.packets = {.netdev = object}};
    if (!check_programs(object, error) || !start(object, state, error)) {
        unrealize(object);
        return false;
    }
    vt_packets_start(&state->packets);
    return true;
}

const VtOps vt_ops_netdev_tap = {
    .state_size = sizeof(State),
    .validate = validate,
    .realize = realize,
    .unrealize = unrealize,
};
