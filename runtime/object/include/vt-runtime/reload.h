/* SPDX-License-Identifier: MIT */
/*
 * Reload: the objects of a running VM become those of another plan.  Objects that do not differ stay as they are.
 *
 * Main thread only.
 */
#pragma once

#include "vt-runtime/vm.h"

typedef struct VtReload VtReload;

/* Names of objects, "object 't'". */
typedef struct VtReloaded {
    GPtrArray *added, *changed, *removed;
} VtReloaded;

/* Finds what differs in @next, a plan with the context of @vm.  @owned: names of objects, as vt_reload_names() returns
 * them; an object that @next lacks is removed if it is one of them, and stays otherwise.  Changes nothing.  Fails if
 * the machine, a device or an object that another option makes differs, or if an object that must go has a user that
 * stays.
 * @next is borrowed until this function returns.  The caller frees the result. */
VtReload *vt_reload_new(VtVm *vm, const VtVm *next, GHashTable *owned, GError **error);
void vt_reload_free(VtReload *reload); /* also while it runs; NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtReload, vt_reload_free)

/* Sets mutable members, removes objects and creates others.  Calls @func once, from the main loop or from this
 * function, when all of this is done, or after a failure, when all objects are again as they were; @error names those
 * that could not be created again. */
typedef void (*VtReloadFunc)(const GError *error, void *opaque);
void vt_reload_start(VtReload *reload, VtReloadFunc func, void *opaque);
/* What the reload changes.  Borrowed. */
const VtReloaded *vt_reload_result(const VtReload *reload);

/* The names of the objects of @vm that a reload can remove: a set of strings, which the caller frees. */
GHashTable *vt_reload_names(const VtVm *vm);
