/* SPDX-License-Identifier: MIT */
/*
 * Types of QOM: classes, machines, bus types, interfaces, and types that no text configures.
 *
 * A machine is the type NAME-machine; a family with versions is one type for each version. An unlisted class is no
 * type: its children have its parent.
 */
#pragma once

#include "vt-runtime/schema.h"

/* A type; one of @class, @bus and @row is set. Its name is that of vt_qom_type_name(). */
typedef struct VtQomType {
    const VtSchema *schema;
    const VtLayer *layer;
    const VtClass *class;
    const VtBusType *bus;
    const VtQomRow *row;
    bool is_machine;               /* a concrete machine */
    uint16_t version;              /* of a machine; 0: it has none */
    const VtVendorMachine *vendor; /* a machine from outside the program, or NULL */
} VtQomType;

typedef void (*VtQomTypeFunc)(const VtQomType *type, void *opaque);

/* Calls @func for each type that @target has (0: any). Builds indexes of machine families with versions only. */
void vt_qom_each_type(const VtSchema *schema, uint16_t target, VtQomTypeFunc func, void *opaque);
/* Returns whether there is a type @name, and sets *@ret_type. */
bool vt_qom_find_type(const VtSchema *schema, const char *name, uint16_t target, VtQomType *ret_type);
/* Return the names of the type and of its parent; NULL: it has no parent. The caller frees them. */
char *vt_qom_type_name(const VtQomType *type);
char *vt_qom_type_parent_name(const VtQomType *type);
bool vt_qom_type_is_abstract(const VtQomType *type);
/* Returns whether the type is, descends from or implements @name. As in QEMU, only a type with one interface alone
 * implements "interface". */
bool vt_qom_type_is_a(const VtQomType *type, const char *name);
/* Returns the name of the type of an object of @info; of a machine, in @version. The caller frees it. */
char *vt_qom_object_type(const VtClassInfo *info, uint16_t version);
