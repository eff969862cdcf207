/* SPDX-License-Identifier: MIT */
/*
 * Descriptors: file descriptors that a process passes to another over a Unix socket (SCM_RIGHTS).
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include <glib.h>

/* Creates an array of int that owns its descriptors: it closes each that is removed. */
GArray *vt_descriptors_new(void);
/* Returns an array with all of @descriptors, which is empty after that; the caller frees it. */
GArray *vt_descriptors_take(GArray *descriptors);
/* Closes all of @descriptors. */
void vt_descriptors_clear(GArray *descriptors);
/* As recv(). If descriptors arrive with the data, they replace those of @descriptors, which are closed. */
ssize_t vt_descriptors_receive(int socket, void *data, size_t size, int flags, GArray *descriptors);
/* As send(), with @descriptors, which stay open. */
ssize_t vt_descriptors_send(int socket, const void *data, size_t size, int flags, const GArray *descriptors);
