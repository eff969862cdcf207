/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of character devices share: front ends and the log.
 */
#pragma once

#include "vt-backends/char.h"

#define VT_CHAR_MUX_MAX 4

typedef struct VtCharOps {
    unsigned max_fronts; /* 0: one */
    /* How many of the bytes go out now.  Less: vt_chardev_writable() follows.  NULL: they are lost. */
    size_t (*write)(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size);
    /* vt_chardev_room() may be another now.  NULL: nothing comes in. */
    void (*update)(VtObject *chardev);
    void (*send_break)(VtObject *chardev);
    /* Closes an open connection.  NULL: nothing can be closed. */
    void (*disconnect)(VtObject *chardev);
    /* Where the bytes go, for people; the caller frees it. */
    char *(*filename)(VtObject *chardev);
} VtCharOps;

/* In realize, once the host's resources are there: from here on it can be used.  @open: somebody is at the other end.
 */
void vt_chardev_open(VtObject *chardev, const VtCharOps *ops, bool open);

/* How many bytes may be delivered. */
size_t vt_chardev_room(VtObject *chardev);
void vt_chardev_deliver(VtObject *chardev, const uint8_t *data, size_t size);
/* OPENED and CLOSED are remembered, and told when they change something. */
void vt_chardev_event(VtObject *chardev, VtCharEvent event);
void vt_chardev_writable(VtObject *chardev);
bool vt_chardev_is_open(VtObject *chardev);

/* Of several front ends the one that gets what comes in. */
unsigned vt_chardev_focus(VtObject *chardev);
void vt_chardev_set_focus(VtObject *chardev, unsigned index);
unsigned vt_chardev_n_fronts(VtObject *chardev);

/* ---- for the commands ----------------------------------------------------------------------------------- */

char *vt_chardev_filename(VtObject *chardev);
bool vt_chardev_front_is_open(VtObject *chardev);
/* What uses it; NULL: nothing does. */
const char *vt_chardev_user(VtObject *chardev);
