/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-c/json_types.h>

#include "resolve/context-private.h"
#include "vt-runtime/vm.h"

typedef struct VtFrozen VtFrozen;

/* @values: an object {member: value, or null for absence}, for the object @id (NULL: the machine) of @kind.  Takes
 * references. */
void vt_context_add_frozen(VtContext *ctx, const char *kind, const char *id, json_object *values, const char *where);
/* Fails where something is said of an object that was not made. */
bool vt_context_check_frozen(const VtContext *ctx, GError **error);
/* Lays what is said of @config's object over it. */
bool vt_frozen_apply(VtContext *ctx, VtConfig *config, GError **error);
/* How a frozen file calls the member: CHILD.MEMBER where it is hidden in an embedded object. */
char *vt_frozen_name(const VtClassInfo *info, const VtProp *prop);

/*
 * The VM as creations in which nothing is left to a default.  {OPTION: [creation, …]} by @option_of, which names the
 * option that creates objects of a root class; sorted by id.  What cannot be said there goes into
 * *ret_defaults: {OPTION: {ID: {member: value or null}}}.  A sensitive value is refused.
 */
typedef const char *(*VtOptionOf)(const VtClassInfo *root, const void *opaque);
json_object *vt_vm_freeze(VtVm *vm, VtOptionOf option_of, const void *opaque, json_object **ret_defaults,
                          GError **error);
