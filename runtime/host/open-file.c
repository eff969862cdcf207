/* SPDX-License-Identifier: MIT */
#include "vt-runtime/open-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "text/room.h"
#include "vt-runtime/fdset.h"

#define LINKS_MAX 40
#define COPIES    4 /* of a file's text, that exist at a time */

static const struct {
    unsigned kind;
    mode_t format;
    const char *name;
} kinds_of_files[] = {
    {VT_FILE_REGULAR, S_IFREG, "a regular file"},
    {VT_FILE_CHARACTER, S_IFCHR, "a character device"},
    {VT_FILE_BLOCK, S_IFBLK, "a block device"},
    {VT_FILE_PIPE, S_IFIFO, "a named pipe"},
    {0, S_IFSOCK, "a socket"},
};

/* ---- errors -------------------------------------------------------------------------------------------- */

static int
fail(int number, const char *why, const char **ret_why)
{
    if (ret_why) {
        *ret_why = why ? why : g_strerror(number);
    }
    errno = number;
    return -1;
}

static int
wrong_kind(mode_t mode, unsigned kinds, const char **ret_why)
{
    g_autoptr(GString) text = g_string_new("is ");
    const char *before = "; expected ";

    for (size_t i = 0; i < G_N_ELEMENTS(kinds_of_files); i++) {
        if ((mode & S_IFMT) == kinds_of_files[i].format) {
            g_string_append(text, kinds_of_files[i].name);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds_of_files); i++) {
        if (kinds & kinds_of_files[i].kind) {
            g_string_append_printf(text, "%s%s", before, kinds_of_files[i].name);
            before = " or ";
        }
    }
    return S_ISDIR(mode) ? fail(EISDIR, NULL, ret_why) : fail(EINVAL, g_intern_string(text->str), ret_why);
}

static int
check_kind(const struct stat *about, unsigned kinds, const char **ret_why)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds_of_files); i++) {
        if (kinds & kinds_of_files[i].kind && (about->st_mode & S_IFMT) == kinds_of_files[i].format) {
            return 0;
        }
    }
    return wrong_kind(about->st_mode, kinds, ret_why);
}

static int
open_failed(int number, const struct stat *about, const char **ret_why)
{
    bool lonely = number == ENXIO && S_ISFIFO(about->st_mode);

    return fail(number, lonely ? "no process has the other end of the pipe open" : NULL, ret_why);
}

/* ---- opening ------------------------------------------------------------------------------------------- */

char *
vt_path_follow(const char *path)
{
    g_autofree char *at = g_strdup(path);

    for (unsigned i = 0; i < LINKS_MAX; i++) {
        g_autofree char *target = g_file_read_link(at, NULL);
        g_autofree char *directory = NULL;

        if (!target) {
            return g_steal_pointer(&at);
        }
        directory = g_path_get_dirname(at);
        g_free(at);
        at = g_path_is_absolute(target) ? g_steal_pointer(&target) : g_build_filename(directory, target, NULL);
    }
    errno = ELOOP;
    return NULL;
}

/* Creates a file that has at no time more permissions than @mode. Fails with EEXIST if there is one. */
static int
create_exact(const char *path, int flags, mode_t mode)
{
    g_autofree char *target = vt_path_follow(path); /* O_EXCL follows no link */
    int fd = target ? open(target, flags | O_EXCL, mode) : -1, number;

    /* The umask has removed bits. */
    if (fd < 0 || fchmod(fd, mode) == 0) {
        return fd;
    }
    number = errno;
    unlink(target);
    close(fd);
    errno = number;
    return -1;
}

static int
open_or_create(const char *path, int flags, mode_t mode)
{
    int fd;

    if (!(flags & O_CREAT && mode & VT_FILE_MODE_EXACT)) {
        return open(path, flags, mode);
    }
    fd = create_exact(path, flags, mode & ~VT_FILE_MODE_EXACT);
    return fd < 0 && errno == EEXIST && !(flags & O_EXCL) ? open(path, flags & ~O_CREAT) : fd;
}

static bool
settle(int fd, int flags)
{
    struct stat about;

    if (flags & O_TRUNC && (fstat(fd, &about) < 0 || (S_ISREG(about.st_mode) && ftruncate(fd, 0) < 0))) {
        return false;
    }
    return flags & O_NONBLOCK || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0;
}

/* Returns @fd, if it is of @kinds; else closes it. */
static int
check_open(int fd, int flags, unsigned kinds, const char **ret_why)
{
    struct stat about;
    int number;

    if (fstat(fd, &about) == 0 && check_kind(&about, kinds, ret_why) < 0) {
        number = errno;
    } else if (!settle(fd, flags)) {
        number = errno;
        fail(number, NULL, ret_why);
    } else {
        return fd;
    }
    close(fd);
    errno = number;
    return -1;
}

int
vt_file_open(const char *path, int flags, unsigned kinds, mode_t mode, const char **ret_why)
{
    struct stat about = {0};
    int64_t set;
    int fd;

    if (vt_fdset_of_path(path, &set)) {
        fd = vt_fdset_open(set, flags);
        return fd < 0 ? fail(errno, NULL, ret_why) : check_open(fd, flags, kinds, ret_why);
    }
    /* Check before opening: opening a device can have side effects. */
    if (stat(path, &about) == 0 && check_kind(&about, kinds, ret_why) < 0) {
        return -1;
    }
    fd = open_or_create(path, (flags & ~O_TRUNC) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode);
    if (fd < 0) {
        return open_failed(errno, &about, ret_why);
    }
    return check_open(fd, flags, kinds, ret_why);
}

int
vt_file_stat(const char *path, struct stat *ret)
{
    int64_t set;
    int fd, result;

    if (!vt_fdset_of_path(path, &set)) {
        return stat(path, ret);
    }
    fd = vt_fdset_open(set, O_RDONLY);
    fd = fd < 0 && errno == EACCES ? vt_fdset_open(set, O_WRONLY) : fd;
    result = fd < 0 ? -1 : fstat(fd, ret);
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

bool
vt_file_may_write(const char *path)
{
    int64_t set;
    int fd;

    if (!vt_fdset_of_path(path, &set)) {
        return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
    }
    fd = vt_fdset_open(set, O_RDWR);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static int
read_all(int fd, char *data, size_t limit, size_t *ret_size)
{
    size_t size = 0;
    ssize_t got;

    do {
        got = read(fd, data + size, limit - size);
        size += (size_t)MAX(got, 0);
    } while (size < limit && (got > 0 || (got < 0 && errno == EINTR)));
    *ret_size = size;
    return got < 0 ? errno : 0;
}

char *
vt_file_read(const char *path, size_t limit, size_t *ret_size, const char **ret_why)
{
    int fd = vt_file_open(path, O_RDONLY, VT_FILE_REGULAR, 0, ret_why), number;
    struct stat about = {0};
    size_t room;
    char *data;

    if (fd < 0) {
        return NULL;
    }
    fstat(fd, &about);
    /* The size of a file in /proc is 0. The limit also stops reading a file that grows. */
    room = (size_t)about.st_size > limit ? 0 : about.st_size ? (size_t)about.st_size + 1 : limit + 1;
    data = room && vt_room_has(COPIES * room) ? g_try_malloc0(room + 1) : NULL;
    number = room ? data ? read_all(fd, data, room, ret_size) : ENOMEM : EFBIG;
    close(fd);
    if (!number && *ret_size > limit) {
        number = EFBIG;
    }
    if (number) {
        if (data) {
            explicit_bzero(data, room);
        }
        g_free(data);
        fail(number, number == EFBIG ? g_intern_string("exceeds the maximum size of the file") : NULL, ret_why);
        return NULL;
    }
    return data;
}

/* ---- writing ------------------------------------------------------------------------------------------- */

bool
vt_file_cut(int fd, off_t size)
{
    return ftruncate(fd, size) == 0 && lseek(fd, size, SEEK_SET) == size;
}

/* ---- descriptors --------------------------------------------------------------------------------------- */

bool
vt_descriptors_are_free(unsigned n)
{
    int fds[8];
    unsigned got = 0;
    int number;

    g_assert(n <= G_N_ELEMENTS(fds));
    while (got < n && (fds[got] = eventfd(0, EFD_CLOEXEC)) >= 0) {
        got++;
    }
    number = errno;
    for (unsigned i = 0; i < got; i++) {
        close(fds[i]);
    }
    errno = number;
    return got == n;
}
