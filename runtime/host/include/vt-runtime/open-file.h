/* SPDX-License-Identifier: MIT */
/*
 * Files of the host, by the paths that users give.  Every file that a program opens by its path is opened here: no open
 * waits for another process, no descriptor is inherited, no terminal becomes the controlling one, and the file is of a
 * kind that the caller can use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Kinds of files, as a set. */
enum {
    VT_FILE_REGULAR = 1 << 0,
    VT_FILE_CHARACTER = 1 << 1, /* a character device, a terminal among them */
    VT_FILE_BLOCK = 1 << 2,
    VT_FILE_PIPE = 1 << 3, /* a named pipe, or an open one by its path in /dev/fd */
};

/*
 * Opens @path by the flags of open(2).  Without O_NONBLOCK in @flags, the open itself does not wait either, but reads
 * and writes do.  O_TRUNC applies after the kind was checked.  @kinds: those that are accepted.  @mode: of a new file.
 * -1: errno says why, and *@ret_why (NULL: not wanted) as a phrase that is never freed.  A file of another kind is
 * EISDIR or EINVAL.
 */
int vt_file_open(const char *path, int flags, unsigned kinds, mode_t mode, const char **ret_why);

/* The bytes of the regular file @path, at most @limit, with a zero byte behind; the caller frees them.  NULL: as
 * vt_file_open(); a larger file is EFBIG. */
char *vt_file_read(const char *path, size_t limit, size_t *ret_size, const char **ret_why);

/* Whether the process may open so many (at most 8) more descriptors; false: errno says why.  For what a library opens
 * that ends the process where it cannot. */
bool vt_descriptors_are_free(unsigned n);

/* Takes back what was written to the regular file @fd since it had @size bytes, of which it keeps no part. */
bool vt_file_cut(int fd, off_t size);
