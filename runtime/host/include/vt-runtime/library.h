/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries that are loaded when they are first needed, so that no start pays for those that it does not use.
 *
 * Whoever uses one lists the functions that it calls and gets a struct of pointers to them, of the types that the
 * library's own header gives them.  The program is not linked with the library:
 *
 *   #define FUNCTIONS(F) F(gnutls_init) F(gnutls_deinit)
 *   struct { FUNCTIONS(VT_LIBRARY_POINTER) } table;
 *   static const VtLibrary library = { VT_SONAME_GNUTLS, FUNCTIONS(VT_LIBRARY_NAME), &table, sizeof table };
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct VtLibrary {
    const char *file;  /* as the dynamic linker looks for it */
    const char *names; /* one after the other, each with its zero */
    void *table;       /* a pointer for each name, in the same order */
    size_t size;       /* of the table */
} VtLibrary;

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declared name takes none. */
#define VT_LIBRARY_POINTER(name) __typeof__(name) *name;
#define VT_LIBRARY_NAME(name)    #name "\0"

/* Fills the table, all or nothing; the library stays for good.  Again: nothing happens.  Main thread. */
bool vt_library_load(const VtLibrary *library, GError **error);
