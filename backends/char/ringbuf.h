/* SPDX-License-Identifier: MIT */
/*
 * Access to ring buffers for QMP commands.
 */
#pragma once

#include "vt-runtime/object.h"

void vt_ringbuf_write(VtObject *chardev, const uint8_t *data, size_t size);
/* Removes up to @size bytes; returns how many. */
size_t vt_ringbuf_read(VtObject *chardev, uint8_t *data, size_t size);
size_t vt_ringbuf_used(VtObject *chardev);
