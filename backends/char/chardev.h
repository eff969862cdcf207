/* SPDX-License-Identifier: MIT */
/*
 * Shared by the classes of character devices: front ends and the log file.
 */
#pragma once

#include "vt-backends/char.h"

#define VT_CHAR_MUX_MAX 4

typedef struct VtCharOps {
    unsigned max_fronts; /* 0: one */
    /* Returns how many bytes were written.  After a short write, vt_chardev_writable() follows.  NULL: output is
     * discarded. */
    size_t (*write)(VtObject *chardev, VtCharFront *front, const uint8_t *data, size_t size);
    /* Called when vt_chardev_room() may have changed.  NULL: the device has no input. */
    void (*update)(VtObject *chardev);
    void (*send_break)(VtObject *chardev);
    /* Closes an open connection.  NULL: the device has no connections. */
    void (*disconnect)(VtObject *chardev);
    /* Describes the other end, as query-chardev reports it.  The caller frees the result. */
    char *(*filename)(VtObject *chardev);
} VtCharOps;

/* Call in realize, once the host's resources are open.  @open: the other end is connected. */
void vt_chardev_open(VtObject *chardev, const VtCharOps *ops, bool open);

/* Returns how many bytes may be delivered now. */
size_t vt_chardev_room(VtObject *chardev);
/* The array that gets descriptors which arrive with input; NULL: the front end takes none. */
GArray *vt_chardev_descriptors(VtObject *chardev);
void vt_chardev_deliver(VtObject *chardev, const uint8_t *data, size_t size);
/* OPENED and CLOSED are stored, and reported only when they change the state. */
void vt_chardev_event(VtObject *chardev, VtCharEvent event);
void vt_chardev_writable(VtObject *chardev);
bool vt_chardev_is_open(VtObject *chardev);

/* The index of the front end that receives input, of a mux. */
unsigned vt_chardev_focus(VtObject *chardev);
void vt_chardev_set_focus(VtObject *chardev, unsigned index);
unsigned vt_chardev_n_fronts(VtObject *chardev);

/* ---- called by the QMP commands ------------------------------------------------------------------------- */

char *vt_chardev_filename(VtObject *chardev);
bool vt_chardev_front_is_open(VtObject *chardev);
/* The name of the user; NULL: unused. */
const char *vt_chardev_user(VtObject *chardev);
