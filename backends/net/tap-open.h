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

/* What stands before each frame, 0: nothing; and what the interface is called. */
typedef struct VtTapInfo {
    char name[IFNAMSIZ];
    unsigned header_size;
} VtTapInfo;

/* Interface @name (NULL: the kernel chooses), or a further queue of it.  -1 on failure. */
int vt_tap_open(const char *name, bool many_queues, VtTapHeader header, VtTapInfo *ret_info, GError **error);
/* Looks at the descriptor @fd that somebody opened and makes it one that never blocks.  @what names the member. */
bool vt_tap_adopt(int fd, const char *what, VtTapInfo *ret_info, GError **error);
/* As many bytes may wait to be sent; 0: no limit. */
bool vt_tap_limit(int fd, uint64_t bytes);
