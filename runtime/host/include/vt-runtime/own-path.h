/* SPDX-License-Identifier: MIT */
/*
 * Own path: a name in the file system that this process made.  It is removed only while it still names what the process
 * made: a file that somebody else has put in its place stays.
 *
 * The directory is kept open: a later change of the working or root directory does not matter.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct VtOwnPath VtOwnPath;

/* @path names the open file @fd, or, where that is -1, what the caller has just made there.  NULL with errno: it does
 * not. */
VtOwnPath *vt_own_path_new(const char *path, int fd);
/* Whether the name still stands for it. */
bool vt_own_path_is_there(const VtOwnPath *own);
/* Leaves the name as it is.  NULL is allowed. */
void vt_own_path_free(VtOwnPath *own);
/* Removes the name if it still stands for it, and frees @own.  NULL is allowed. */
void vt_own_path_remove(VtOwnPath *own);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtOwnPath, vt_own_path_remove)
/* Sets the permissions of what stands there; false with errno. */
bool vt_own_path_chmod(const VtOwnPath *own, unsigned mode);

/* Removes the socket at @path to which no process listens any more.  False with EADDRINUSE: one does, or nobody can
 * say; what is no socket stays, and is the caller's failure to bind. */
bool vt_path_remove_stale_socket(const char *path);
