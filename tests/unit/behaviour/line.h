/* SPDX-License-Identifier: MIT */
/*
 * Front ends of character devices, and their peers.
 */
#pragma once

#include "backends.h"
#include "vt-backends/char.h"

/* A front end that reads up to a limit, and stores or echoes the input. */
typedef struct Front {
    VtCharFront *front;
    size_t room;     /* bytes that can_read() returns */
    bool echoes;     /* writes input back; unwritten bytes are kept in owed and stop the input */
    GByteArray *got; /* NULL: input is only counted */
    GByteArray *owed;
    uint64_t count;
    GString *events; /* o opened, c closed, b break, + in, - out, w writable */
} Front;

void front_init(Front *front, VtObject *chardev, const char *user);
void front_clear(Front *front);
/* Iterates the main loop until @count bytes were received. */
void front_await(Front *front, uint64_t count);
/* Iterates the main loop until the events end like this. */
void front_await_events(Front *front, const char *end);
/* Sets the room for input. */
void front_take(Front *front, size_t room);

/* Creates "chardev TEXT"; @text has id=c. */
VtObject *line_new(TestVm *vm, const char *text);
VtObject *line_new_called(TestVm *vm, const char *text, const char *id);
void line_delete(TestVm *vm, const char *id);
/* A blocking connection to the unix socket @path. */
int line_connect(const char *path);
int line_listen(const char *path);
/* Iterates the main loop for @ms. */
void line_wait(unsigned ms);
