/* SPDX-License-Identifier: MIT */
/*
 * Names: a growing array of borrowed strings. GPtrArray and GStrvBuilder hold strings without 'const'.
 */
#pragma once

#include <glib.h>

/* Returns an empty array, freed by g_array_unref(). */
static inline GArray *
vt_names_new(void)
{
    return g_array_new(TRUE, FALSE, sizeof(const char *));
}

/* Appends @name, which must outlive @names. */
static inline void
vt_names_add(GArray *names, const char *name)
{
    g_array_append_val(names, name);
}

/* Returns the names, NULL-terminated. Borrowed until the next call of vt_names_add(). */
static inline const char *const *
vt_names_list(const GArray *names)
{
    return (const char *const *)names->data;
}
