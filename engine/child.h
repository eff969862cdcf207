/* SPDX-License-Identifier: MIT */
/*
 * A short-lived engine: a child that answers questions over its monitor and shows nothing.
 *
 * The kernel ends it when this process ends.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct EngineChild EngineChild;

/* Starts @binary, a path, with @arguments (NULL-terminated) and a monitor. Returns NULL and sets @error on failure. */
EngineChild *engine_child_new(const char *binary, const char **arguments, GError **error);
void engine_child_free(EngineChild *child); /* kills it and waits for its end */
/* Our end of its monitor, owned by the caller. */
int engine_child_steal_monitor(EngineChild *child);
/* Ends it. Returns the last line that it wrote on standard error, or NULL. The caller frees it. */
char *engine_child_last_words(EngineChild *child);
