/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries that are loaded at their first use, so that a program does not pay for unused libraries at startup.
 *
 * The user of a library lists the functions that it calls. The macros declare a struct of pointers with the types from
 * the library's header. The program is not linked with the library:
 *
 *   #define FUNCTIONS(F) F(gnutls_init) F(gnutls_deinit)
 *   struct { FUNCTIONS(VT_LIBRARY_POINTER) } table;
 *   VT_LIBRARY(library, VT_SONAME_GNUTLS, FUNCTIONS(VT_LIBRARY_NAME), table);
 *
 * All libraries of a program are in one section, so that it can load them before it changes its root directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct VtLibrary {
    const char *file;  /* file name for dlopen(3) */
    const char *names; /* function names, each with its NUL; an empty name ends the list */
    void *table;       /* one pointer for each name, in the same order */
    size_t size;       /* of @table, in bytes */
} VtLibrary;

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a declared name takes none. */
#define VT_LIBRARY_POINTER(name) __typeof__(name) *name;
#define VT_LIBRARY_NAME(name)    #name "\0"

/* Defines @variable, the library @soname with the functions @list in the struct @pointers. */
#define VT_LIBRARY(variable, soname, list, pointers)                                                                   \
    static const VtLibrary variable                                                                                    \
        __attribute__((used, section("vt_libraries"))) = {soname, list, &(pointers), sizeof(pointers)}

/* Loads the library and fills VtLibrary.table. On failure returns false, sets @error and leaves the table unchanged.
 * The library is never unloaded. If the table is filled already, returns true. Main thread only. */
bool vt_library_load(const VtLibrary *library, GError **error);
/* Loads all libraries that the program may use. Ignores those that the host lacks: their users report it. Main thread
 * only. */
void vt_libraries_load(void);
