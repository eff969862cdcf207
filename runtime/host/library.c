/* SPDX-License-Identifier: MIT */
#include "vt-runtime/library.h"

#include <dlfcn.h>
#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/main-thread.h"

/* The linker sets them to the bounds of the section. A program without libraries has no such section. */
extern const VtLibrary __start_vt_libraries[] __attribute__((weak)), __stop_vt_libraries[] __attribute__((weak));

static bool
find_all(const VtLibrary *library, void *handle, void **table, GError **error)
{
    const char *name = library->names;

    for (size_t i = 0; i < library->size / sizeof *table; i++, name += strlen(name) + 1) {
        g_assert(*name);
        table[i] = dlsym(handle, name);
        if (!table[i]) {
            return vt_error_set(error, "library '%s' is too old: it does not have %s", library->file, name);
        }
    }
    g_assert(!*name);
    return true;
}

bool
vt_library_load(const VtLibrary *library, GError **error)
{
    g_autofree void **table = g_malloc(library->size);
    void *handle;

    vt_assert_main();
    if (*(void **)library->table) {
        return true;
    }
    handle = dlopen(library->file, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        return vt_error_set(error, "a library cannot be loaded: %s", dlerror());
    }
    if (!find_all(library, handle, table, error)) {
        dlclose(handle);
        return false;
    }
    memcpy(library->table, table, library->size);
    return true;
}

void
vt_libraries_load(void)
{
    for (const VtLibrary *library = __start_vt_libraries; library < __stop_vt_libraries; library++) {
        vt_library_load(library, NULL);
    }
}
