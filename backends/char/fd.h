/* SPDX-License-Identifier: MIT */
/*
 * chardev-fd: character devices that are open file descriptors.
 */
#pragma once

#include "channel.h"
#include "vt-runtime/open-file.h"

/* What a kind's VtCharOps have for write and update. */
size_t vt_fd_write(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size);
void vt_fd_update(VtObject *chardev);

/* In realize: takes the descriptors (-1: none; they may be one), which do not block, and opens the line.  What is set
 * in the channel counts. */
void vt_fd_open(VtObject *chardev, int in, int out, const VtCharOps *ops);
VtCharChannel *vt_fd_channel(VtObject *chardev);
/* Of @kinds (open-file.h).  -1 and @error, which names the @member with the path. */
int vt_fd_open_path(const char *path, int flags, unsigned kinds, const char *member, GError **error);
/* Writes that fail are reported as failures of the file @filename, which is borrowed. */
void vt_fd_report(VtObject *chardev, const char *filename);
