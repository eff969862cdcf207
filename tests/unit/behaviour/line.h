/* SPDX-License-Identifier: MIT */
/*
 * Front ends of character devices, and programs at the other end.
 */
#pragma once

#include "backends.h"
#include "vt-backends/char.h"

/* Takes what comes in as long as it is told to, and keeps or returns it. */
typedef struct Front {
    VtCharFront *front;
    size_t room;     /* that it says it has */
    bool echoes;     /* what comes in goes out again; what can't is kept in owed, and nothing more is taken */
    GByteArray *got; /* NULL: counted only */
    GByteArray *owed;
    uint64_t count;
    GString *events; /* o opened, c closed, b break, + in, - out, w writable */
} Front;

void front_init(Front *front, VtObject *chardev, const char *user);
void front_clear(Front *front);
/* Iterates the main loop until @count bytes came in. */
void front_await(Front *front, uint64_t count);
/* Until the events end so. */
void front_await_events(Front *front, const char *end);
/* Takes @room bytes from here on. */
void front_take(Front *front, size_t room);

/* Makes "chardev TEXT"; @text has id=c. */
VtObject *line_new(TestVm *vm, const char *text);
VtObject *line_new_called(TestVm *vm, const char *text, const char *id);
void line_delete(TestVm *vm, const char *id);
/* A connection to the unix socket @path, which waits for bytes. */
int line_connect(const char *path);
int line_listen(const char *path);
/* Iterates the main loop for @ms. */
void line_wait(unsigned ms);
