/* SPDX-License-Identifier: MIT */
/*
 * The contract of a migration: machine, platform version, the values that a guest can see, the features that they need
 * of a host, and the versions of the schema. JSON of the type MigrationContract.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/vm.h"

/* Whether a guest can see the member of @object. */
bool vt_prop_is_contracted(const VtObject *object, const VtProp *prop);
/* The newest versions that the schema knows, by axis: a new reference. */
json_object *vt_schema_versions_json(const VtSchema *schema);
/* The contract of @vm: a new reference.  Its features are those that were needed, whatever a host answers. */
json_object *vt_vm_contract(const VtVm *vm);

/* A value in which two contracts differ. */
typedef struct VtContractDifference {
    char *object;                /* "": the whole VM */
    char *member;                /* or "type" */
    json_object *source, *other; /* NULL: none */
} VtContractDifference;
/* Compares the machine, the platform version and the objects of two contracts. Returns an array of
 * VtContractDifference, freed by g_array_unref(). */
GArray *vt_contract_compare(json_object *source, json_object *other);
