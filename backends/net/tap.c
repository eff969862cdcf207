/* SPDX-License-Identifier: MIT */
/*
 * tap: frames through a network interface of the host's kernel.  They are read from all queues and written to the
 * first.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cable.h"
#include "packets.h"
#include "tap-open.h"
#include "vt-gen/backends.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/named-descriptors.h"
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
check_descriptors(const VtObject *object, const char *text, const char *what, GError **error)
{
    g_autoptr(VtForm) form = text ? vt_object_form(object, &vt_codec_named_descriptors, text) : NULL;
    const VtDescriptorNames *fds = form ? form->settings : NULL;

    for (size_t i = 0; fds && i < fds->fd.n; i++) {
        if (!vt_descriptor_check(fds->fd.v[i], what, error)) {
            return false;
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
    return check_name(config->ifname, error) && check_open_already(object, config, error) &&
           check_descriptors(object, config->fd, "fd", error) && check_descriptors(object, config->fds, "fds", error) &&
           check_descriptors(object, config->vhostfd, "vhostfd", error) &&
           check_descriptors(object, config->vhostfds, "vhostfds", error);
}

/* ---- scripts ------------------------------------------------------------------------------------------- */

static bool
names_script(const char *script)
{
    return script && *script && strcmp(script, "no") != 0;
}

static bool
run_script(const char *script, const char *member, char *name, GError **error)
{
    g_autofree char *program = g_strdup(script);
    char *argv[] = {program, name, NULL};
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

/* An interface outside an object, while its script runs in a thread. */
typedef struct Interface {
    VtTapInfo info;
    GArray *fds; /* of int */
    char *script;
    GError *failure;
} Interface;

static Interface *
interface_new(const VtTapInfo *info, GArray *fds, const char *script)
{
    Interface *interface = g_new(Interface, 1);

    *interface = (Interface){.info = *info, .fds = fds, .script = g_strdup(script)};
    return interface;
}

static void
interface_up(void *opaque)
{
    Interface *interface = opaque;

    run_script(interface->script, "script", interface->info.name, &interface->failure);
}

static void
interface_close(Interface *interface)
{
    for (guint i = 0; i < interface->fds->len; i++) {
        close(g_array_index(interface->fds, int, i));
    }
    g_array_set_size(interface->fds, 0);
}

/* Also takes as long as the kernel needs to remove the interface. */
static void
interface_down(void *opaque)
{
    Interface *interface = opaque;

    run_script(interface->script, "downscript", interface->info.name, NULL);
    interface_close(interface);
}

static void
interface_free(void *opaque)
{
    Interface *interface = opaque;

    interface_close(interface);
    g_array_unref(interface->fds);
    g_clear_error(&interface->failure);
    g_free(interface->script);
    g_free(interface);
}

/* ---- the object ---------------------------------------------------------------------------------------- */

static void
unrealize(VtObject *object)
{
    static const VtWorkOps ops = {.run = interface_down, .free = interface_free};
    const VtNetdevTap *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_netdev_tap);
    GArray *fds = vt_packets_take(&state->packets);

    vt_await_release(&ops, interface_new(&state->info, fds, state->set_up ? config->downscript : NULL));
    state->set_up = false;
}

static bool
limit(VtObject *object, int fd, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);

    return vt_tap_limit(fd, config->sndbuf) || !vt_net_is_said(object, "sndbuf") ||
           vt_error_set(error, "sndbuf: %" G_GUINT64_FORMAT ": %s", config->sndbuf, g_strerror(errno));
}

static bool
adopt_queues(VtObject *object, State *state, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);
    const char *what = config->fd ? "fd" : "fds";
    g_autoptr(VtForm) form = vt_object_form(object, &vt_codec_named_descriptors, config->fd ? config->fd : config->fds);
    const VtDescriptorNames *fds = form->settings;

    for (size_t i = 0; i < fds->fd.n; i++) {
        VtTapInfo info;
        bool is_named;
        int fd = vt_descriptor_take(fds->fd.v[i], what, &is_named, error);

        if (fd < 0) {
            return false;
        }
        if (!vt_tap_adopt(fd, what, &info, error)) {
            if (is_named) {
                close(fd);
            }
            return false;
        }
        vt_packets_add(&state->packets, fd);
        if (!limit(object, fd, error)) {
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

/* Returns NULL on failure. */
static Interface *
open_queues(VtObject *object, GError **error)
{
    const VtNetdevTap *config = vt_object_config(object);
    VtTapInfo info = {0};
    GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
    Interface *interface;
    VtTapHeader header = VT_TAP_HEADER_MAYBE;
    const char *name = config->ifname;
    bool ok = true;

    if (vt_net_is_said(object, "vnet_hdr")) {
        header = config->vnet_hdr ? VT_TAP_HEADER_YES : VT_TAP_HEADER_NO;
    }
    for (uint32_t i = 0; i < config->queues && ok; i++) {
        int fd = vt_tap_open(name, config->queues > 1, header, &info, error);

        ok = fd >= 0;
        if (ok) {
            g_array_append_val(fds, fd);
            ok = limit(object, fd, error);
        }
        name = info.name;
    }
    interface = interface_new(&info, fds, config->script);
    if (!ok) {
        g_clear_pointer(&interface, interface_free);
    }
    return interface;
}

static bool
take_interface(State *state, Interface *interface, GError **error)
{
    state->info = interface->info;
    if (interface->failure) {
        g_propagate_error(error, g_steal_pointer(&interface->failure));
        return false;
    }
    state->set_up = true;
    for (guint i = 0; i < interface->fds->len; i++) {
        vt_packets_add(&state->packets, g_array_index(interface->fds, int, i));
    }
    g_array_set_size(interface->fds, 0);
    return true;
}

/* Other requests are served while the script runs. */
static bool
open_interface(VtObject *object, State *state, GError **error)
{
    static const VtWorkOps ops = {.run = interface_up, .free = interface_free};
    const VtNetdevTap *config = vt_object_config(object);
    g_autofree char *key = g_strdup_printf("script of '%s'", vt_object_display(object));
    bool waits = names_script(config->script) && vt_await_is_possible(), ok;
    Interface *interface = waits ? vt_await_done(key) : NULL;

    if (interface) {
        return take_interface(state, interface, error);
    }
    interface = open_queues(object, error);
    if (!interface) {
        return false;
    }
    if (waits) {
        return vt_await(key, &ops, interface, error);
    }
    if (names_script(config->script) && !vt_await_at_startup(&ops, interface)) {
        return vt_error_set(error, "script: '%s': %s", config->script, g_strerror(errno));
    }
    ok = take_interface(state, interface, error);
    interface_free(interface);
    return ok;
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
    if (config->fd || config->fds ? !adopt_queues(object, state, error) : !open_interface(object, state, error)) {
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

    *state = (State){.packets = {.end = vt_netdev_end(object)}};
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
