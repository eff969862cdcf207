/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that clients gave a name (getfd), and the texts of members that stand for a descriptor: its number, or
 * such a name.  A session has names of its own.  Main thread only.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Gives @fd the name, and takes ownership of it.  Closes the descriptor of the session that had the name. */
void vt_named_descriptor_add(const void *session, const char *name, int fd);
/* Closes the descriptor.  Returns false if the session has none with the name. */
bool vt_named_descriptor_close(const void *session, const char *name);
/* Closes all descriptors of the session. */
void vt_named_descriptors_clear(const void *session);
/* Sets the session whose request runs; NULL: none.  Without a request, the names of all sessions are known.  Returns
 * the former one. */
const void *vt_named_descriptors_enter(const void *session);

/* Whether @text can be a descriptor: a number above those of standard input, output and error, or a name.  A request
 * may name a descriptor that only the engine knows.  @what: the member, for errors. */
bool vt_descriptor_check(const char *text, const char *what, GError **error);
/* Returns the descriptor.  *@ret_is_named: it had a name, which it loses; it is now the caller's.  Otherwise the
 * process inherited it.  Returns -1 on error. */
int vt_descriptor_take(const char *text, const char *what, bool *ret_is_named, GError **error);
