/* SPDX-License-Identifier: MIT */
/*
 * chardev-fd: character devices that are open file descriptors.
 */
#pragma once

#include "channel.h"

/* What a kind's VtCharOps have for write and update. */
size_t vt_fd_write(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size);
void vt_fd_update(VtObject *chardev);

/* In realize: takes the descriptors (-1: none; they may be one), which do not block, and opens the line.  What is set
 * in the channel counts. */
void vt_fd_open(VtObject *chardev, int in, int out, const VtCharOps *ops);
VtCharChannel *vt_fd_channel(VtObject *chardev);
/* -1 and @error, which names the @member with the path. */
int vt_fd_open_path(const char *path, int flags, const char *member, GError **error);
