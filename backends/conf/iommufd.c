/* SPDX-License-Identifier: MIT */
/*
 * iommufd: a descriptor of the kernel's IOMMU interface, open while the object is realized.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "vt-gen/backends.h"
#include "vt-runtime/error.h"
#include "vt-runtime/named-descriptors.h"
#include "vt-runtime/open-file.h"
#include "vt-runtime/object.h"

#define DEVICE "/dev/iommu"

typedef struct State {
    int fd; /* while it is realized */
} State;

const VtOps vt_ops_iommufd;

static bool
validate(VtObject *object, GError **error)
{
    const VtIommufd *config = vt_object_config(object);

    return !config->fd || vt_descriptor_check(config->fd, "fd", error);
}

static bool
realize(VtObject *object, GError **error)
{
    const VtIommufd *config = vt_object_config(object);
    State *state = vt_object_state(object, &vt_ops_iommufd);
    bool is_named = false;
    int given = config->fd ? vt_descriptor_take(config->fd, "fd", &is_named, error) : -1;

    if (config->fd && given < 0) {
        return false;
    }
    /* A descriptor that the process inherited stays the user's. */
    state->fd = is_named     ? given
                : config->fd ? fcntl(given, F_DUPFD_CLOEXEC, 0)
                             : vt_file_open(DEVICE, O_RDWR, VT_FILE_CHARACTER, 0, NULL);
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
