/* SPDX-License-Identifier: MIT */
/*
 * authz-list-file: watches the directory of the file, which also detects a file that replaces the old one.
 */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <glib-unix.h>

#include "authz.h"
#include "vt-runtime/await.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/input.h"
#include "vt-runtime/vm.h"

#define FILE_MAX ((size_t)16 << 20)
/* Reads of inotify events in one main loop dispatch. */
#define BURST 16

typedef struct State {
    int fd;
    guint source; /* 0: not watched */
    char *name;   /* base name of the file in the watched directory */
} State;

static bool
load(VtObject *object, GError **error)
{
    const VtAuthzListFile *config = vt_object_config(object);
    const VtSchema *schema = vt_context_schema(vt_vm_context(vt_object_vm(object)));
    uint16_t type = vt_schema_find_type(schema, "AuthZListProperties");
    g_autoptr(VtInput) input = NULL;
    g_autofree char *text = NULL;
    VtAuthZListProperties list = {0};
    const char *why;
    size_t size;

    text = vt_file_read(config->filename, FILE_MAX, &size, &why);
    if (!text) {
        return vt_error_set(error, "filename: '%s': %s", config->filename, why);
    }
    input = vt_input_new_json_at(text, size, config->filename, NULL, 1, 1);
    if (!vt_input_visit_type(input, schema, NULL, type, &list, error)) {
        g_prefix_error(error, "filename: ");
        return false;
    }
    vt_authz_set_rules(object, vt_authz_rules_new(&list), NULL);
    vt_struct_clear(schema, type, &list);
    return true;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static void
load_again(VtObject *object)
{
    g_autoptr(GError) error = NULL;

    if (!load(object, &error)) {
        vt_authz_set_rules(object, NULL, error->message);
    }
}

/* Returns whether one of the events affects the file. */
static bool
concerns(const State *state, const char *events, ssize_t size)
{
    const struct inotify_event *event;

    for (const char *at = events; at < events + size; at += sizeof *event + event->len) {
        event = (const struct inotify_event *)at;
        if (event->mask & IN_Q_OVERFLOW || (event->len && !strcmp(event->name, state->name))) {
            return true;
        }
    }
    return false;
}

static gboolean
on_change(gint fd, GIOCondition condition, gpointer opaque)
{
    State *state = vt_object_state(opaque, &vt_ops_authz_list_file);
    _Alignas(struct inotify_event) char events[4096];
    bool ours = false;
    ssize_t size;

    (void)condition;
    for (int i = 0; i < BURST && (size = read(fd, events, sizeof events)) > 0; i++) {
        ours = concerns(state, events, size) || ours;
    }
    if (ours) {
        load_again(opaque);
    }
    return G_SOURCE_CONTINUE;
}

static bool
watch(VtObject *object, State *state, GError **error)
{
    const VtAuthzListFile *config = vt_object_config(object);
    g_autofree char *directory = g_path_get_dirname(config->filename);

    state->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (state->fd < 0 ||
        inotify_add_watch(state->fd, directory, IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        vt_error_set(error, "refresh: directory '%s' cannot be watched: %s", directory, g_strerror(errno));
        if (state->fd >= 0) {
            close(state->fd);
        }
        return false;
    }
    state->name = g_path_get_basename(config->filename);
    state->source = g_unix_fd_add(state->fd, G_IO_IN, on_change, object);
    return true;
}

static void
close_watch(void *fd)
{
    close(*(int *)fd);
}

/* The kernel waits for all of its processors before it frees a watch. */
static void
unrealize(VtObject *object)
{
    static const VtWorkOps ops = {.run = close_watch, .free = g_free};
    State *state = vt_object_state(object, &vt_ops_authz_list_file);

    if (state->source) {
        g_source_remove(state->source);
        vt_await_release(&ops, g_memdup2(&state->fd, sizeof state->fd));
        g_free(state->name);
    }
    *state = (State){0};
}

/* Starts to watch before the first read, so that no change is missed. */
static bool
realize(VtObject *object, GError **error)
{
    const VtAuthzListFile *config = vt_object_config(object);

    if (config->refresh && !watch(object, vt_object_state(object, &vt_ops_authz_list_file), error)) {
        return false;
    }
    if (!load(object, error)) {
        unrealize(object);
        return false;
    }
    return true;
}

const VtOps vt_ops_authz_list_file = {.state_size = sizeof(State), .realize = realize, .unrealize = unrealize};
