/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-c/json_types.h>

#include "resolve/context-private.h"
#include "vt-runtime/vm.h"

typedef struct VtFrozen VtFrozen;

/* Adds values of a frozen file for the object @id of @kind (@id NULL: the machine).  @values: {member: value}, with
 * null for a member without a value; takes a reference.  @where names the values in errors. */
void vt_context_add_frozen(VtContext *ctx, const char *kind, const char *id, json_object *values, const char *where);
/* Fails if values remain that no object of the plan took. */
bool vt_context_check_frozen(const VtContext *ctx, GError **error);
/* Keeps where the values of the object @id of @kind (@id NULL: one without an id) came from before they were frozen:
 * {member: {"from", "since", "why"}}; takes a reference. */
void vt_context_add_origins(VtContext *ctx, const char *kind, const char *id, json_object *origins);
/* The origin of a value of a frozen file; NULL: none is kept.  Borrowed. */
json_object *vt_context_origin(const VtContext *ctx, const VtObject *object, const VtProp *prop);
/* Overrides members of @config by the values that were added for its kind and id, and removes these values from @ctx.
 * Fails if a member is unknown or a value is invalid. */
bool vt_frozen_apply(VtContext *ctx, VtConfig *config, GError **error);
/* The name of the member in a frozen file: CHILD.MEMBER for a hidden member of an embedded child.  The caller frees
 * it. */
char *vt_frozen_name(const VtClassInfo *info, const VtProp *prop);

/*
 * Writes the VM as {OPTION: [creation, …]} with an explicit value for every member, sorted by id.  @option_of returns
 * the option that creates objects of a root class.  *ret_defaults gets the values that no option can set: {OPTION: {ID:
 * {member: value or null}}}, and *ret_origins where values came from, if not from a base default or the user.  All
 * results are new references.  Fails if a sensitive member has a value.
 */
typedef const char *(*VtOptionOf)(const VtClassInfo *root, const void *opaque);
json_object *vt_vm_freeze(VtVm *vm, VtOptionOf option_of, const void *opaque, json_object **ret_defaults,
                          json_object **ret_origins, GError **error);

/* The name of a sensitive member that has a value in the struct at @field, at any depth; NULL: none.  Borrowed. */
const char *vt_field_secret(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const void *field);
