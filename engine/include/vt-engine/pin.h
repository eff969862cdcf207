/* SPDX-License-Identifier: MIT */
/*
 * Pin: the values of an object that the engine must be given, so that it has the values of our tree.
 *
 * This reads the resolved tree and what the engine can do. It has no effects.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-engine/info.h"
#include "vt-gen/engine.h"
#include "vt-runtime/vm.h"

/* What the values of one VM are stated for. */
typedef struct VtEngineTerms {
    const VtEngineInfo *info;
    const VtEngineMachine *machine; /* NULL: the VM has no machine */
    uint16_t release;               /* vt_engine_release() */
    VtEnginePin pin;
} VtEngineTerms;

/* The release of the engine, an index on the release axis, or the nearest one below it; 0: it is older than all. A VM
 * is planned for this release, so that an alias of a machine means the newest that the engine has. */
uint16_t vt_engine_release(const VtSchema *schema, const VtEngineInfo *info);
/* As vt_engine_release(), for the major, minor and micro @version. */
uint16_t vt_engine_release_of(const VtSchema *schema, const uint32_t version[3]);
/* Fails if the engine has another target than @vm, or lacks its machine. @info is borrowed. */
bool vt_engine_terms_init(VtEngineTerms *terms, const VtVm *vm, const VtEngineInfo *info, VtEnginePin pin,
                          GError **error);
/* "qemu-system-x86_64 7.2.0", for messages. The caller frees it. */
char *vt_engine_terms_title(const VtEngineTerms *terms);

typedef struct VtEngineValue {
    const VtProp *prop;
    json_object *value; /* in the type that the engine has; owned */
    VtEngineReason reason;
    /* With the reason "differs": the default of the engine, which every machine of it has, where the schema has another
     * one for every machine. Borrowed; NULL: none, or not known. */
    const char *other;
} VtEngineValue;

/* Returns an array of VtEngineValue, in the order of the class; the caller frees it. Fails if the engine lacks the type
 * of @object, or a property that would have to differ from what the engine does without it. */
GArray *vt_engine_pin(const VtEngineTerms *terms, const VtObject *object, GError **error);
/* @object as the engine creates it: {"driver": …, "id": …, property: value}. @values: a result of vt_engine_pin(). */
json_object *vt_engine_creation(const VtObject *object, const GArray *values);
