/* SPDX-License-Identifier: MIT */
/*
 * Character devices and their users.
 *
 * A character device has one front end (a serial port, a monitor, an entropy source); a mux has several.  The device
 * delivers input as fast as the front end accepts it, and writes output as fast as the other end accepts it.  It does
 * not buffer, so a slow side delays the other.  Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef enum VtCharEvent {
    VT_CHAR_OPENED,  /* the other end is connected */
    VT_CHAR_CLOSED,  /* the other end is disconnected */
    VT_CHAR_BREAK,   /* the other end sent a break */
    VT_CHAR_MUX_IN,  /* the mux selects this front end for input */
    VT_CHAR_MUX_OUT, /* the mux selects another front end */
} VtCharEvent;

/* Each callback may be NULL, and may detach the front end. */
typedef struct VtCharFrontOps {
    /* Returns how many bytes read() accepts now.  After 0, vt_char_accept_input() restarts input.  NULL: no input. */
    size_t (*can_read)(void *opaque);
    void (*read)(void *opaque, const uint8_t *data, size_t size);
    void (*event)(void *opaque, VtCharEvent event);
    /* Returns the array of vt_descriptors_new() that gets the descriptors that arrive with input.  NULL: none. */
    GArray *(*descriptors)(void *opaque);
    /* Called after a short vt_char_write(), when there is room again. */
    void (*writable)(void *opaque);
} VtCharFrontOps;

typedef struct VtCharFront VtCharFront;

/* Attaches a front end to the realized @chardev.  @user names the front end in errors about a busy chardev.  Returns
 * NULL and an error if the chardev has a front end already.  If the other end is connected, no event reports that. */
VtCharFront *vt_char_attach(VtObject *chardev, const char *user, const VtCharFrontOps *ops, void *opaque,
                            GError **error);
void vt_char_detach(VtCharFront *front); /* NULL is accepted */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCharFront, vt_char_detach)

/* Returns whether the other end is connected. */
bool vt_char_is_open(const VtCharFront *front);
/* Returns how many bytes were accepted.  Without a connection, that is all, and they are lost.  After a short write,
 * writable() is called when there is room. */
size_t vt_char_write(VtCharFront *front, const void *data, size_t size);
/* Call when can_read() returns a new value. */
void vt_char_accept_input(VtCharFront *front);
/* Sets whether the guest has opened the front end, as query-chardev reports it.  The default is true. */
void vt_char_set_open(VtCharFront *front, bool open);
/* Returns whether vt_char_disconnect() has an effect. */
bool vt_char_may_disconnect(const VtCharFront *front);
/* Closes an open connection.  CLOSED is reported before it returns. */
void vt_char_disconnect(VtCharFront *front);
/* Sends a break, if the device supports it. */
void vt_char_send_break(VtCharFront *front);
