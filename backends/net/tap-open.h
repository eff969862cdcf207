/* SPDX-License-Identifier: MIT */
/*
 * TAP interfaces of the host's kernel: one file descriptor per queue.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum VtTapHeader { VT_TAP_HEADER_MAYBE, VT_TAP_HEADER_NO, VT_TAP_HEADER_YES } VtTapHeader;

/* The size of the header before each frame (0: none), and the name of the interface. */
typedef struct VtTapInfo {
    char name[IFNAMSIZ];
    unsigned header_size;
} VtTapInfo;

/* Opens the interface @name (NULL: the kernel chooses a name), or another queue of it.  Returns -1 on failure. */
int vt_tap_open(const char *name, bool many_queues, VtTapHeader header, VtTapInfo *ret_info, GError **error);
/* Checks a descriptor @fd that another process opened, and makes it non-blocking.  @what: member name, for errors. */
bool vt_tap_adopt(int fd, const char *what, VtTapInfo *ret_info, GError **error);
/* Limits the bytes that wait to be sent; 0: no limit. */
bool vt_tap_limit(int fd, uint64_t bytes);
