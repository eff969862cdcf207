/* SPDX-License-Identifier: MIT */
/*
 * QMP commands for descriptors that clients hand over.
 */
#include <errno.h>
#include <fcntl.h>

#include <json-c/json.h>

#include "vt-gen/runtime.h"
#include "vt-runtime/config.h"
#include "vt-runtime/descriptors.h"
#include "vt-runtime/error.h"
#include "vt-runtime/fdset.h"
#include "vt-runtime/json.h"
#include "vt-runtime/monitor.h"
#include "vt-runtime/named-descriptors.h"

static bool
is_given(VtMonitor *monitor, const char *type, const void *arg, const char *member)
{
    return vt_struct_given(vt_context_schema(vt_vm_context(vt_monitor_service(monitor)->vm)), type, arg, member);
}

/* Takes the first descriptor that came with the command, and closes the others.  Returns -1 if there is none. */
static int
take_descriptor(VtMonitor *monitor, GError **error)
{
    GArray *descriptors = vt_monitor_descriptors(monitor);
    int fd;

    if (!descriptors->len) {
        vt_error_set(error, "No file descriptor supplied via SCM_RIGHTS");
        return -1;
    }
    fd = fcntl(g_array_index(descriptors, int, 0), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        vt_error_set(error, "the descriptor cannot be kept: %s", g_strerror(errno));
    } else {
        vt_descriptors_clear(descriptors);
    }
    return fd;
}

bool
vt_qmp_getfd(VtMonitor *monitor, const VtQObjGetfdArg *arg, GError **error)
{
    int fd;

    if (!*arg->fdname || g_ascii_isdigit(*arg->fdname)) {
        return vt_error_set(error, "fdname: expected a name that does not begin with a digit, got '%s'", arg->fdname);
    }
    fd = take_descriptor(monitor, error);
    if (fd >= 0) {
        vt_named_descriptor_add(monitor, arg->fdname, fd);
    }
    return fd >= 0;
}

bool
vt_qmp_closefd(VtMonitor *monitor, const VtQObjClosefdArg *arg, GError **error)
{
    return vt_named_descriptor_close(monitor, arg->fdname) ||
           vt_error_set(error, "fdname: no file descriptor has the name '%s'", arg->fdname);
}

bool
vt_qmp_add_fd(VtMonitor *monitor, const VtQObjAddFdArg *arg, VtAddfdInfo *ret, GError **error)
{
    bool numbered = is_given(monitor, "q_obj_add-fd-arg", arg, "fdset-id");
    int fd;

    if (numbered && arg->fdset_id < 0) {
        return vt_error_set(error, "fdset-id: '%" G_GINT64_FORMAT "' is negative", arg->fdset_id);
    }
    fd = take_descriptor(monitor, error);
    if (fd < 0) {
        return false;
    }
    ret->fdset_id = numbered ? arg->fdset_id : vt_fdset_free_number();
    ret->fd = fd;
    vt_fdset_add(ret->fdset_id, fd, arg->opaque);
    return true;
}

bool
vt_qmp_remove_fd(VtMonitor *monitor, const VtQObjRemoveFdArg *arg, GError **error)
{
    bool one = is_given(monitor, "q_obj_remove-fd-arg", arg, "fd");
    bool valid = !one || (arg->fd >= 0 && arg->fd <= G_MAXINT);

    if (valid && vt_fdset_remove(arg->fdset_id, one ? (int)arg->fd : -1)) {
        return true;
    }
    return one ? vt_error_set(error, "set %" G_GINT64_FORMAT " has no file descriptor %" G_GINT64_FORMAT " to remove",
                              arg->fdset_id, arg->fd)
               : vt_error_set(error, "there is no set %" G_GINT64_FORMAT " of file descriptors", arg->fdset_id);
}

bool
vt_qmp_query_fdsets(VtMonitor *monitor, VtFdsetInfoList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_fdset_list();
    json_object *list = json_object_new_array(), *fds = NULL;

    (void)ret, (void)error;
    for (guint i = 0; i < entries->len; i++) {
        const VtFdsetEntry *entry = &g_array_index(entries, VtFdsetEntry, i);
        json_object *row = json_object_new_object();

        if (!i || entry->set != entry[-1].set) {
            json_object *set = json_object_new_object();

            fds = json_object_new_array();
            json_object_object_add(set, "fdset-id", json_object_new_int64(entry->set));
            json_object_object_add(set, "fds", fds);
            json_object_array_add(list, set);
        }
        json_object_object_add(row, "fd", json_object_new_int(entry->fd));
        if (entry->opaque) {
            vt_json_add_text(row, "opaque", entry->opaque);
        }
        json_object_array_add(fds, row);
    }
    vt_monitor_answer(monitor, list);
    return true;
}
