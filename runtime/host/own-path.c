/* SPDX-License-Identifier: MIT */
#include "vt-runtime/own-path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct VtOwnPath {
    int directory;
    char *name; /* name in @directory */
    int held;   /* O_PATH descriptor: keeps the inode number from being reused */
    dev_t device;
    ino_t inode;
};

void
vt_own_path_free(VtOwnPath *own)
{
    int number = errno;

    if (!own) {
        return;
    }
    if (own->held >= 0) {
        close(own->held);
    }
    if (own->directory >= 0) {
        close(own->directory);
    }
    g_free(own->name);
    g_free(own);
    errno = number;
}

VtOwnPath *
vt_own_path_new(const char *path, int fd)
{
    g_autofree char *directory = g_path_get_dirname(path);
    VtOwnPath *own = g_new0(VtOwnPath, 1);
    struct stat st, named;

    own->name = g_path_get_basename(path);
    own->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    own->held = own->directory < 0 ? -1 : openat(own->directory, own->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (own->held < 0 || fstat(own->held, &st) < 0 || (fd >= 0 && fstat(fd, &named) < 0)) {
        vt_own_path_free(own);
        return NULL;
    }
    if (fd >= 0 && (named.st_dev != st.st_dev || named.st_ino != st.st_ino)) {
        vt_own_path_free(own);
        errno = ESTALE;
        return NULL;
    }
    own->device = st.st_dev;
    own->inode = st.st_ino;
    return own;
}

bool
vt_own_path_is_there(const VtOwnPath *own)
{
    struct stat st;

    return fstatat(own->directory, own->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == own->device &&
           st.st_ino == own->inode;
}

void
vt_own_path_remove(VtOwnPath *own)
{
    if (own) {
        if (vt_own_path_is_there(own)) {
            unlinkat(own->directory, own->name, 0);
        }
        vt_own_path_free(own);
    }
}

bool
vt_own_path_chmod(const VtOwnPath *own, unsigned mode)
{
    if (!vt_own_path_is_there(own)) {
        errno = ESTALE;
        return false;
    }
    return fchmodat(own->directory, own->name, mode, 0) == 0;
}

/* Returns whether a process listens at @path. Connecting with a type that no listener uses has no effect on a listener:
 * connect() fails with EPROTOTYPE. Without a listener, it fails with ECONNREFUSED. */
static bool
has_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool refused;

    if (fd < 0) {
        return true;
    }
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    refused = connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED;
    close(fd);
    return !refused;
}

bool
vt_path_remove_stale_socket(const char *path)
{
    VtOwnPath *found;
    struct stat st;

    if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
        return true;
    }
    found = vt_own_path_new(path, -1);
    if (found && (found->inode != st.st_ino || has_listener(path))) {
        vt_own_path_free(found);
        errno = EADDRINUSE;
        return false;
    }
    vt_own_path_remove(found);
    return true;
}
