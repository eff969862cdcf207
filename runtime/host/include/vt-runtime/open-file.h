/* SPDX-License-Identifier: MIT */
/*
 * Host files by the paths that users give.
 *
 * All host files are opened here. Opening does not wait for another process. Descriptors are not inherited by other
 * programs. A terminal does not become the controlling terminal. The caller states which kinds of files it accepts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Kinds of files, as a bit mask. */
enum {
    VT_FILE_REGULAR = 1 << 0,
    VT_FILE_CHARACTER = 1 << 1, /* a character device, such as a terminal */
    VT_FILE_BLOCK = 1 << 2,
    VT_FILE_PIPE = 1 << 3, /* a named pipe, or an open pipe by its path in /dev/fd */
};

/* Of a mode: no umask applies. */
#define VT_FILE_MODE_EXACT ((mode_t)1 << 16)

/*
 * Opens @path with the flags of open(2) and accepts only files of @kinds. Opening never blocks; without O_NONBLOCK in
 * @flags, reads and writes block. O_TRUNC takes effect after the check of the kind. @mode: permissions of a new file,
 * less the umask, or with VT_FILE_MODE_EXACT exactly these. An existing file keeps its permissions.
 *
 * Returns a descriptor that the caller owns. On failure returns -1, sets errno, and sets *@ret_why (may be NULL) to a
 * phrase that is never freed. For a file of another kind, errno is EISDIR or EINVAL.
 */
int vt_file_open(const char *path, int flags, unsigned kinds, mode_t mode, const char **ret_why);

/* As stat(), also for a descriptor of a set (vt-runtime/fdset.h).  vt_file_may_write(): whether the process may open it
 * for writes. */
int vt_file_stat(const char *path, struct stat *ret);
bool vt_file_may_write(const char *path);

/* Returns the mode of vt_file_open() for a member of type FileMode: @given, or @otherwise, less the umask, if @given is
 * 0 (absent). */
static inline mode_t
vt_file_mode(uint16_t given, mode_t otherwise)
{
    return given ? VT_FILE_MODE_EXACT | given : otherwise;
}

/* Follows symbolic links at @path. Returns the final path, which need not exist, owned by the caller; NULL with errno.
 */
char *vt_path_follow(const char *path);

/*
 * Reads the regular file @path of at most @limit bytes. Returns the bytes, followed by a NUL and owned by the caller;
 * *@ret_size does not count the NUL. On failure returns NULL, with errno and *@ret_why as vt_file_open(); EFBIG: the
 * file is too large.
 */
char *vt_file_read(const char *path, size_t limit, size_t *ret_size, const char **ret_why);

/* Returns whether the process can open @n (at most 8) more descriptors; if not, sets errno. Call it before a library
 * function that aborts the process when it lacks descriptors. */
bool vt_descriptors_are_free(unsigned n);

/* Truncates the regular file @fd to @size bytes and moves its offset there. This undoes a partial write. Returns false
 * with errno on failure. */
bool vt_file_cut(int fd, off_t size);
