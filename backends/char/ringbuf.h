/* SPDX-License-Identifier: MIT */
/*
 * Ring buffers, as the commands see them.
 */
#pragma once

#include "vt-runtime/object.h"

void vt_ringbuf_write(VtObject *chardev, const uint8_t *data, size_t size);
/* Takes up to @size bytes out; returns how many. */
size_t vt_ringbuf_read(VtObject *chardev, uint8_t *data, size_t size);
size_t vt_ringbuf_used(VtObject *chardev);
