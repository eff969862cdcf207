/* SPDX-License-Identifier: MIT */
/*
 * Room: whether the host has memory for what a client requests.  GLib and json-c end the process if it has not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Sizes below it need no check. */
#define VT_ROOM_SMALL ((size_t)64 << 10)

/* Returns whether this process can allocate @size bytes now, and a reserve for what follows. Allocates nothing. */
bool vt_room_has(size_t size);
