/* SPDX-License-Identifier: MIT */
/*
 * chardev-fd: character devices on open file descriptors.
 */
#pragma once

#include "channel.h"
#include "vt-runtime/open-file.h"

/* The write and update callbacks for the VtCharOps of a class. */
size_t vt_fd_write(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size);
void vt_fd_update(VtObject *chardev);

/* Call in realize.  Takes ownership of the non-blocking descriptors and opens the device.  -1: none; both may be the
 * same.  Set the members of the channel before. */
void vt_fd_open(VtObject *chardev, int in, int out, const VtCharOps *ops);
VtCharChannel *vt_fd_channel(VtObject *chardev);
/* Opens a path of one of @kinds (open-file.h).  On failure, returns -1 and an error that names @member and the path. */
int vt_fd_open_path(const char *path, int flags, unsigned kinds, mode_t mode, const char *member, GError **error);
/* Failed writes are reported with the file name @filename, which is borrowed. */
void vt_fd_report(VtObject *chardev, const char *filename);
