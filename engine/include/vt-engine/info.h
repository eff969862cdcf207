/* SPDX-License-Identifier: MIT */
/*
 * Info: what an engine can do, as a probe of its binary found it.
 *
 * A probe runs the binary once without a machine, which takes seconds. Its result is kept in a file of the cache, which
 * is valid as long as the binary is the same file. All texts are borrowed from the info.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define VT_ENGINE_PREFIX "qemu-system-" /* of the name of an engine's program; the target follows */

typedef struct VtEngineInfo VtEngineInfo;
typedef struct VtEngineType VtEngineType;
typedef struct VtEngineMachine VtEngineMachine;

typedef struct VtEngineProp {
    const char *name, *type; /* type: of QOM, as "uint32" or "OnOffAuto" */
    const char *value;       /* default of the type as JSON text; NULL: not known */
} VtEngineProp;

/* Returns what @binary can do: a path, or a name that PATH has. Reads the cache, or probes the binary and fills the
 * cache. A cache that cannot be written is no failure. Returns NULL and sets @error if it is no engine. */
VtEngineInfo *vt_engine_info_new(const char *binary, GError **error);
void vt_engine_info_free(VtEngineInfo *info); /* NULL is a no-op */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtEngineInfo, vt_engine_info_free)

const char *vt_engine_info_binary(const VtEngineInfo *info); /* its path */
bool vt_engine_info_cached(const VtEngineInfo *info);        /* whether the cache had it */
const char *vt_engine_info_package(const VtEngineInfo *info);
const char *vt_engine_info_target(const VtEngineInfo *info);
/* Major, minor and micro version. */
const uint32_t *vt_engine_info_version(const VtEngineInfo *info);
/* The result of query-qmp-schema as JSON text, not terminated. */
const char *vt_engine_info_schema(const VtEngineInfo *info, size_t *ret_len);
bool vt_engine_info_has_command(const VtEngineInfo *info, const char *name);
/* Whether query-command-line-options has @name; it omits options whose text is no list of keys. */
bool vt_engine_info_has_option(const VtEngineInfo *info, const char *name);

/* ---- types */

/* The type @name, or NULL. */
const VtEngineType *vt_engine_info_type(const VtEngineInfo *info, const char *name);
const char *vt_engine_type_parent(const VtEngineInfo *info, const VtEngineType *type); /* NULL: none */
bool vt_engine_type_is_abstract(const VtEngineType *type);
/* Whether the properties of the type are known. They are not for an abstract type, for one that no command line
 * creates, and for one that ends the engine when it is asked. */
bool vt_engine_type_is_known(const VtEngineType *type);
/* Whether the type is @ancestor or is derived from it. */
bool vt_engine_type_is_a(const VtEngineInfo *info, const VtEngineType *type, const char *ancestor);
/* Finds the property @name. Returns false if the type has none. */
bool vt_engine_type_prop(const VtEngineInfo *info, const VtEngineType *type, const char *name, VtEngineProp *ret_prop);
/* All properties, sorted by name. */
size_t vt_engine_type_n_props(const VtEngineType *type);
void vt_engine_type_prop_at(const VtEngineInfo *info, const VtEngineType *type, size_t i, VtEngineProp *ret_prop);

/* ---- machines */

/* The machine @name, or the one with that alias; or NULL. */
const VtEngineMachine *vt_engine_info_machine(const VtEngineInfo *info, const char *name);
size_t vt_engine_info_n_machines(const VtEngineInfo *info);
const VtEngineMachine *vt_engine_info_machine_at(const VtEngineInfo *info, size_t i); /* sorted by name */
const char *vt_engine_machine_name(const VtEngineInfo *info, const VtEngineMachine *machine);
/* Whether the engine lists the defaults in which the machine differs from the types' own. */
bool vt_engine_machine_has_compat(const VtEngineMachine *machine);
/* The default of @property of @type on the machine, in the form of the command line, if it differs from the type's own;
 * else NULL. */
const char *vt_engine_machine_compat(const VtEngineInfo *info, const VtEngineMachine *machine, const VtEngineType *type,
                                     const char *property);
