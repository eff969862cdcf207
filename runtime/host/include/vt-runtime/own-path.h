/* SPDX-License-Identifier: MIT */
/*
 * Own path: a path that this process created. It is removed only while it still refers to the same inode. A file that
 * another process has put in its place stays.
 *
 * The directory stays open, so that a later chdir(2) or chroot(2) has no effect.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct VtOwnPath VtOwnPath;

/* Records @path, which the caller has created. If @fd is not -1, @path must refer to the same inode as @fd. Returns
 * NULL with errno on failure; ESTALE: it refers to another inode. */
VtOwnPath *vt_own_path_new(const char *path, int fd);
/* Returns whether the path still refers to the inode. */
bool vt_own_path_is_there(const VtOwnPath *own);
/* Frees @own and keeps the path. NULL is a no-op. errno does not change. */
void vt_own_path_free(VtOwnPath *own);
/* Removes the path if it still refers to the inode, and frees @own. NULL is a no-op. */
void vt_own_path_remove(VtOwnPath *own);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtOwnPath, vt_own_path_remove)
/* Sets the permissions of the file. Returns false with errno on failure; ESTALE: the path refers to another inode. */
bool vt_own_path_chmod(const VtOwnPath *own, unsigned mode);

/* Removes the socket at @path if no process listens on it. Returns false with EADDRINUSE if a process listens, or if
 * this cannot be determined. A file of another type stays, and bind(2) then fails. */
bool vt_path_remove_stale_socket(const char *path);
