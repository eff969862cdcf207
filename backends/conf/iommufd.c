/* SPDX-License-Identifier: MIT */
/*
 * iommufd: a descriptor of the kernel's IOMMU interface, open while the object is realized.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/object.h"

#define DEVICE "/dev/iommu"

typedef struct State {
    int fd; /* while it is realized */
} State;

const VtOps vt_ops_iommufd;

static bool
parse_fd(const char *text, int *ret_fd, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL)) {
        return vt_error_set(error, "fd: expected the number of a file descriptor, got '%.40s'", text);
    }
    *ret_fd = (int)number;
    return true;
}

static bool
validate(VtObject *object, GError **error)
{
    const VtIommufd *config = vt_object_config(object);
    int fd;

    return !config->fd || parse_fd(config->fd, &fd, error);
}

static bool
realize(VtObject *object, GError **error)
{
    const VtIommufd *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_iommufd);
    int given = -1;

    if (config->fd && !parse_fd(config->fd, &given, error)) {
        return false;
    }
    /* A descriptor that the user passed stays the user's. */
    state->fd =
        config->fd ? fcntl(given, F_DUPFD_CLOEXEC, 0) : vt_file_open(DEVICE, O_RDWR, VT_FILE_CHARACTER, 0, NULL);
    return state->fd >= 0 || vt_error_set(error, config->fd ? "fd: %s: %s" : "cannot open %s: %s",
                                          config->fd ? config->fd : DEVICE, g_strerror(errno));
}

static void
unrealize(VtObject *object)
{
    State *state = vt_object_state(object, &vt_ops_iommufd);

    close(state->fd);
}

const VtOps vt_ops_iommufd = {
    .state_size = sizeof(State), .validate = validate, .realize = realize, .unrealize = unrealize};
