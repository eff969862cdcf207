/* SPDX-License-Identifier: MIT */
/*
 * Lines of bytes: character devices, and what uses them.
 *
 * A character device has one front end (a serial port, a monitor, a source of entropy), a mux several.  Bytes that come
 * in are handed to it as fast as it takes them; bytes that it writes go out as fast as the other end takes them.
 * Nothing is kept in between, so who is slow holds the other side up.  Main thread only.
 */
#pragma once

#include "vt-runtime/object.h"

typedef enum VtCharEvent {
    VT_CHAR_OPENED,  /* somebody is at the other end */
    VT_CHAR_CLOSED,  /* nobody is any more */
    VT_CHAR_BREAK,   /* the other end sends a break */
    VT_CHAR_MUX_IN,  /* a mux gives its input to this front end */
    VT_CHAR_MUX_OUT, /* and to another one */
} VtCharEvent;

/* Every member may be NULL.  Any of them may detach the front end. */
typedef struct VtCharFrontOps {
    /* How many bytes read() takes now.  Zero: none before vt_char_accept_input().  NULL: none ever. */
    size_t (*can_read)(void *opaque);
    void (*read)(void *opaque, const uint8_t *data, size_t size);
    void (*event)(void *opaque, VtCharEvent event);
    /* There is room again, after vt_char_write() took less than it was given. */
    void (*writable)(void *opaque);
} VtCharFrontOps;

typedef struct VtCharFront VtCharFront;

/* @chardev is realized.  @user names the front end where somebody else wants the same chardev, or wants it removed.
 * NULL: it has a front end already, which the error names.  No event tells that the other end is there already. */
VtCharFront *vt_char_attach(VtObject *chardev, const char *user, const VtCharFrontOps *ops, void *opaque,
                            GError **error);
void vt_char_detach(VtCharFront *front); /* NULL is let pass */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCharFront, vt_char_detach)

/* Whether somebody is at the other end. */
bool vt_char_is_open(const VtCharFront *front);
/* How many of the bytes are taken: all if nobody is at the other end, which loses them; where it is less,
 * writable() tells when to go on. */
size_t vt_char_write(VtCharFront *front, const void *data, size_t size);
/* can_read() says another number now. */
void vt_char_accept_input(VtCharFront *front);
/* Whether the front end is ready, as query-chardev tells; it is from the beginning. */
void vt_char_set_open(VtCharFront *front, bool open);
/* Whether vt_char_disconnect() does anything. */
bool vt_char_may_disconnect(const VtCharFront *front);
/* Closes the connection to the other end, where there is one; CLOSED follows before it returns. */
void vt_char_disconnect(VtCharFront *front);
/* Sends a break to the other end, where that is possible. */
void vt_char_send_break(VtCharFront *front);
