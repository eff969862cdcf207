/* SPDX-License-Identifier: MIT */
/*
 * Schema internals, for the schema, the contexts and the objects.
 */
#pragma once

#include "vt-runtime/ops.h"
#include "vt-runtime/schema.h"

#define VT_NAMED_SLOTS 16

/* Indexes, each built at its first use, the target by whose names classes are found, and what files outside the program
 * define. */
typedef struct VtSchemaLazy {
    const VtClassInfo **all;                  /* vt_schema_classes() */
    struct VtNameIndex *types;                /* name to global type number; NULL: not built */
    struct VtNameIndex *bus_types;            /* see bus-types.c; NULL: not built */
    GStringChunk *spellings;                  /* see class-name.c; NULL: empty */
    uint16_t target;                          /* vt_schema_set_target(); 0: none */
    bool has_suffixed;                        /* a class is built whose name depends on the target */
    const VtClassInfo *named[VT_NAMED_SLOTS]; /* found by name, at the hash of the name; NULL: none */
    /* The last class that was found by its tag; NULL: none.  Many objects in a row are of one class. */
    const VtClassInfo *last_tagged, *last_root;
    GStringChunk *texts;   /* of overlays; NULL: empty */
    GPtrArray *vendors;    /* of VtVendorMachine; NULL: none */
    GHashTable *platforms; /* names of platform overlays to their files; NULL: none */
} VtSchemaLazy;

struct VtSchema {
    const VtLayer *const *layers;
    size_t n_layers;
    size_t n_types, n_classes; /* one more than the highest global number */
    VtClassInfo **infos;       /* by global class number; built at first use */
    guint8 *late_types;        /* by type: 0 unknown, 1 no, 2 has late rows inside */
    guint8 *type_facts;        /* by type: VtTypeFact bits; 0: not computed */
    VtSchemaLazy *lazy;
};

/* A class, with data for the runtime only. */
typedef struct VtClassPrivate {
    VtClassInfo info;        /* must be first: vt_class_private() casts */
    const VtOps **ops;       /* from root to leaf; classes without ops are left out */
    uint32_t *state_offsets; /* offset of the state of each ops in the object's state */
    size_t n_ops;
    size_t state_size;
    uint16_t *late; /* props that are settled for each object, and structs with such members */
    size_t n_late;
    uint16_t *gated; /* props with an entry or gate that needs a platform feature */
    size_t n_gated;
    uint16_t *owners; /* props whose values may own memory */
    size_t n_owners;
    uint16_t *required; /* required props */
    size_t n_required;
    uint16_t *ruled; /* props with a rule: powers of two, values that are unique in a VM */
    size_t n_ruled;
    const char *plugs_into; /* bus type, or NULL if not a device of a bus */
    const VtProp *bus_prop; /* member that names the bus, or NULL */
    bool has_refs;          /* a member is, or may contain, a reference */
    bool has_rules;         /* the class or an ancestor has a rule for its objects */
    bool reads_files;       /* a member is a path of a file that is read at startup */
} VtClassPrivate;

static inline const VtClassPrivate *
vt_class_private(const VtClassInfo *info)
{
    return (const VtClassPrivate *)info;
}

static inline size_t
vt_prop_index(const VtClassInfo *info, const VtProp *prop)
{
    return (size_t)(prop - info->props);
}

void vt_class_info_free(VtClassInfo *info);

#define VT_CLASS_NAME_MAX 256
/* Returns the class name @name with the suffix of the target number @bit, in @buffer. NULL: @name has no suffix, or has
 * this one. A longer name is cut. */
const char *vt_class_name_on(const VtLayer *layer, const char *name, unsigned bit, char buffer[VT_CLASS_NAME_MAX]);
/* Returns whether @name is the name of the class on the current target; on any of its targets, if the class does not
 * exist on the current one. */
bool vt_class_row_is_called(const VtSchema *schema, const VtLayer *layer, const VtClass *row, const char *name);
/* Returns the name on the current target of the class that the tables call @name. Borrowed from the schema. */
const char *vt_schema_spelled(const VtSchema *schema, const char *name);
/* Returns the layer with the versions of @axis. */
const VtLayer *vt_schema_axis_layer(const VtSchema *schema, VtAxis axis);
/* Returns the table row of a class and sets *@ret_layer, without building its index. @id must exist. */
const VtClass *vt_schema_class_row(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer);
/* Returns the row of the class that the tables call @name and sets *@ret_layer, without its index; NULL: none. */
const VtClass *vt_schema_class_find(const VtSchema *schema, const char *name, const VtLayer **ret_layer);
/* Returns the member at @offset of the config, or NULL. */
const VtProp *vt_class_prop_at(const VtClassInfo *info, uint32_t offset);
/* Returns whether a value of @type has members, at any depth, that are settled for each object. */
bool vt_schema_type_is_late(const VtSchema *schema, uint16_t type);
/* Returns the size in bytes of the member @row in its struct. A list is a VtList; a boxed struct is a pointer. */
size_t vt_field_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
bool vt_timeline_has_needs(const VtLayer *layer, const VtTimeline *timeline);
/* Returns the prefix of a bus name for a bus whose owner has no id; its number follows. Owned by the caller. @bus_type
 * must exist. */
char *vt_schema_bus_stem(const VtSchema *schema, const char *bus_type);
