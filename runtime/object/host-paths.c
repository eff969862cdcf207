/* SPDX-License-Identifier: MIT */
/*
 * Checks the paths of host files that values have ('host-path' in the schema), and the files that objects need, without
 * opening a file: whether the file or its directory exists, and whether the process may use it.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/object-private.h"
#include "vt-runtime/error.h"

#define FDSET "/dev/fdset/" /* a descriptor of the process */

typedef struct Paths {
    GError *errors;
    char *where; /* the argument, or the object */
} Paths;

static bool
is_directory(const char *path)
{
    struct stat about;

    if (stat(path, &about) < 0) {
        return false;
    }
    if (!S_ISDIR(about.st_mode)) {
        errno = ENOTDIR;
        return false;
    }
    return true;
}

static bool
has_directory(const char *path, int mode)
{
    g_autofree char *directory = g_path_get_dirname(path);

    return is_directory(directory) && access(directory, mode) == 0;
}

/* Sets errno if not. */
static bool
is_usable(VtPathUse use, const char *path)
{
    switch (use) {
    case VT_PATH_READ:
        return access(path, R_OK) == 0;
    case VT_PATH_WRITE:
        return access(path, R_OK | W_OK) == 0;
    case VT_PATH_CREATE:
        return access(path, F_OK) == 0 ? access(path, W_OK) == 0 : has_directory(path, W_OK | X_OK);
    case VT_PATH_SOCKET:
        return has_directory(path, X_OK);
    case VT_PATH_DIRECTORY:
        return is_directory(path) && access(path, R_OK | X_OK) == 0;
    default:
        return true;
    }
}

static void
check_text(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    VtPathUse use = (VtPathUse)layer->colds[row->cold].path;
    Paths *paths = opaque;

    if (*text && !g_str_has_prefix(text, FDSET) && !is_usable(use, text)) {
        int number = errno;
        GError *error = NULL;

        vt_error_set(&error, "%s: %s: '%s': %s", paths->where, vt_str(layer, row->name), text, g_strerror(number));
        vt_error_add(&paths->errors, error);
    }
}

static void
check_needed(const char *path, void *opaque)
{
    Paths *paths = opaque;

    if (!is_usable(VT_PATH_READ, path)) {
        int number = errno;
        GError *error = NULL;

        vt_error_set(&error, "%s: needs '%s': %s", paths->where, path, g_strerror(number));
        vt_error_add(&paths->errors, error);
    }
}

/* Returns whether there is no error; otherwise reports all of them. */
static bool
report_paths(Paths *paths, GError **error)
{
    if (!paths->errors) {
        return true;
    }
    g_propagate_error(error, paths->errors);
    return false;
}

bool
vt_vm_check_paths(const VtVm *vm, GError **error)
{
    Paths paths = {NULL, NULL};

    for (const GList *link = vm->order.head; link; link = link->next) {
        VtObject *object = link->data;

        paths.where = object->config->where ? g_strdup(object->config->where) : vt_object_title(object);
        vt_config_each_text(object->config, check_text, &paths);
        vt_object_each_needed_file(object, check_needed, &paths);
        g_free(paths.where);
    }
    return report_paths(&paths, error);
}

bool
vt_struct_check_paths(const VtSchema *schema, uint16_t type, const void *data, const char *where, GError **error)
{
    g_autofree char *label = g_strdup(where);
    Paths paths = {NULL, label};

    vt_struct_each_text(schema, type, data, check_text, &paths);
    return report_paths(&paths, error);
}
