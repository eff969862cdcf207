/* SPDX-License-Identifier: MIT */
/*
 * What the files of the schema, the contexts and the objects know of each other.
 */
#pragma once

#include "vt-runtime/ops.h"
#include "vt-runtime/schema.h"

/* Indexes over the tables, each made when it is first asked for. */
typedef struct VtSchemaLazy {
    const VtClassInfo **all; /* vt_schema_classes() */
    GHashTable *types;       /* name to number */
    GHashTable *bus_types;   /* by name */
} VtSchemaLazy;

struct VtSchema {
    const VtLayer *const *layers;
    size_t n_layers;
    size_t n_types, n_classes; /* global counts */
    VtClassInfo **infos;       /* by global class number; made at first use */
    guint8 *late_types;        /* by type: 0 not known, 1 no, 2 has late rows inside */
    guint8 *type_facts;        /* by type: VtTypeFact, 0 until asked for */
    VtSchemaLazy *lazy;
};

/* A member that a derivation names, found before. */
typedef struct VtInputSlot {
    const char *name; /* in the string pool: equal pointers are equal names */
    size_t len;       /* of it that is meant */
    const VtProp *from, *prop;
} VtInputSlot;

/* A class with what only the runtime itself asks of it. */
typedef struct VtClassPrivate {
    VtClassInfo info;        /* first: a VtClassInfo * is cast to this */
    const VtOps **ops;       /* root's first; only those that exist */
    uint32_t *state_offsets; /* of each ops' state in the object's state block */
    size_t n_ops;
    size_t state_size;
    uint16_t *late; /* props settled per object, and structs with such members */
    size_t n_late;
    uint16_t
        *late_places; /* by prop: where its VtLate is in an object, from 1; 0: nowhere yet; NULL: none; see late.c */
    uint16_t n_late_places;
    uint16_t *gated; /* props with an entry that needs a platform feature */
    size_t n_gated;
    uint16_t *owners; /* props whose values may own memory */
    size_t n_owners;
    uint16_t *required; /* props that must be given */
    size_t n_required;
    struct VtInputSlot *inputs;      /* members that derivations read, by name; see derive.c */
    const VtClassInfo *last_created; /* roots: what a tag named last, or NULL */
    const char *plugs_into;          /* bus type, or NULL */
    const VtProp *bus_prop;          /* member that names the bus, or NULL */
    bool has_refs;                   /* some member is, or may contain, a reference */
    bool reads_files;                /* some member is the path of a file that is read at start */
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
/* The layer that holds the versions of @axis. */
const VtLayer *vt_schema_axis_layer(const VtSchema *schema, VtAxis axis);
/* The layer and table row of a class, without making its index. */
const VtClass *vt_schema_class_row(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer);
/* The member whose value stands at @offset of the config, or NULL. */
const VtProp *vt_class_prop_at(const VtClassInfo *info, uint32_t offset);
/* Whether values of struct type @type have members, at any depth, that are settled per object. */
bool vt_schema_type_is_late(const VtSchema *schema, uint16_t type);
/* Bytes that the row's value takes in its struct: a list and a boxed struct count as what points to them. */
size_t vt_field_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
bool vt_timeline_has_needs(const VtLayer *layer, const VtTimeline *timeline);
/* What buses of the type are called before their number, where nobody gave their owner an id; the caller frees it. */
char *vt_schema_bus_stem(const VtSchema *schema, const char *bus_type);
