/* SPDX-License-Identifier: MIT */
/*
 * Checks the paths of host files that values have ('host-path' in the schema), and the files that objects need, without
 * opening a file: whether the file or its directory exists, and whether the process may use it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/object-private.h"
#include "vt-runtime/codec.h"
#include "vt-runtime/error.h"
#include "vt-runtime/fdset.h"
#include "vt-runtime/input.h"
#include "vt-runtime/open-file.h"

typedef struct Paths {
    const VtSchema *schema;
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
is_pipe(const char *path)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL), *out = g_strconcat(path, ".out", NULL);

    return (access(in, R_OK | W_OK) == 0 && access(out, R_OK | W_OK) == 0) || access(path, R_OK | W_OK) == 0;
}

/* A device file may exist without the driver.  Sets errno if it cannot be opened. */
static bool
is_device(const char *path)
{
    int fd = vt_file_open(path, O_RDWR, VT_FILE_CHARACTER, 0, NULL);

    return fd >= 0 && close(fd) == 0;
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
    case VT_PATH_EXECUTE:
        return !strchr(path, '/') || strpbrk(path, " \t") || access(path, X_OK) == 0;
    case VT_PATH_PIPE:
        return is_pipe(path);
    case VT_PATH_SOCKET:
        return has_directory(path, X_OK);
    case VT_PATH_DATA:
        return (path[0] != '/' && path[0] != '.') || access(path, R_OK) == 0;
    case VT_PATH_DIRECTORY:
        return is_directory(path) && access(path, R_OK | X_OK) == 0;
    case VT_PATH_DEVICE:
        return is_device(path);
    default:
        return true;
    }
}

/* The key whose value is @text in the argument @where, with ": " after it, which is not always the name of the member.
 * An empty text: the text is the argument, or begins in it after a prefix, as "unix:". The caller frees the text. */
static char *
key_in(const char *where, const char *text, const char *member)
{
    size_t len = strlen(text);

    for (const char *at = strstr(where, text); at; at = strstr(at + 1, text)) {
        const char *key = at - 1;

        if (at == where || (at[len] && at[len] != ',')) {
            continue;
        }
        if (*key != '=') {
            return g_strdup("");
        }
        while (key > where && key[-1] != ',' && key[-1] != ' ') {
            key--;
        }
        return g_strdup_printf("%.*s: ", (int)(at - 1 - key), key);
    }
    return *where == '-' && !strchr(where, ' ') ? g_strdup("") : g_strdup_printf("%s: ", member);
}

/* Where the settings of a text of forms are. */
typedef struct FormPaths {
    const VtSchema *schema;
    const char *where;
    GError **errors;
} FormPaths;

static void
check_setting(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    const FormPaths *paths = opaque;

    vt_path_check(paths->schema, layer, row, text, paths->where, paths->errors);
}

/* Checks the paths in a text of forms.  A text of an alternate has the type of its branch. */
static void
check_form(const VtSchema *schema, const VtRow *row, const char *text, const char *where, GError **errors)
{
    const VtType *type = row->type ? vt_schema_type(schema, row->type) : NULL;
    FormPaths paths = {schema, where, errors};

    if (row->kind == VT_KIND_ALTERNATE) {
        for (unsigned i = 0; i < type->count; i++) {
            const VtRow *branch = &vt_schema_type_layer(schema, row->type)->rows[type->first + i];

            if (branch->kind == VT_KIND_SCALAR) {
                check_form(schema, branch, text, where, errors);
            }
        }
    } else if (row->kind == VT_KIND_SCALAR) {
        const VtLayer *home = vt_schema_type_layer(schema, row->type);
        const VtCodec *codec = home->codecs ? home->codecs[type->first] : NULL;
        g_autoptr(VtForm) form = codec && codec->forms ? vt_form_read(schema, codec, text, NULL) : NULL;

        if (form) {
            vt_struct_each_text(schema, form->type, form->settings, check_setting, &paths);
        }
    }
}

void
vt_path_check(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const char *text, const char *where,
              GError **errors)
{
    VtPathUse use = (VtPathUse)layer->colds[row->cold].path;
    g_autofree char *key = NULL;
    GError *error = NULL;
    int number;

    check_form(schema, row, text, where, errors);
    if (!*text || g_str_has_prefix(text, VT_FDSET_PATH) || is_usable(use, text)) {
        return;
    }
    number = errno;
    key = key_in(where, text, vt_str(layer, row->name));
    vt_error_set(&error, "%s: %s'%s': %s", where, key, text, g_strerror(number));
    vt_error_add(errors, error);
}

static void
check_text(const VtLayer *layer, const VtRow *row, const char *text, void *opaque)
{
    Paths *paths = opaque;

    vt_path_check(paths->schema, layer, row, text, paths->where, &paths->errors);
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

static void
collect_object(VtObject *object, Paths *paths)
{
    paths->where = object->config->where ? g_strdup(object->config->where) : vt_object_title(object);
    vt_config_each_text(object->config, check_text, paths);
    vt_object_each_needed_file(object, check_needed, paths);
    g_free(paths->where);
}

static bool
end_paths(const Paths *paths, GError **error)
{
    if (paths->errors) {
        g_propagate_error(error, paths->errors);
    }
    return !paths->errors;
}

bool
vt_object_check_paths(VtObject *object, GError **error)
{
    Paths paths = {.schema = object->vm->schema};

    collect_object(object, &paths);
    return end_paths(&paths, error);
}

bool
vt_vm_check_paths(const VtVm *vm, GError **error)
{
    Paths paths = {.schema = vm->schema};

    for (const GList *link = vm->order.head; link; link = link->next) {
        collect_object(link->data, &paths);
    }
    return end_paths(&paths, error);
}
