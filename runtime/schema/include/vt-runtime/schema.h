/* SPDX-License-Identifier: MIT */
/*
 * The schema of a program: its layers' tables under one roof, and per class a flat index of its members.
 *
 * What a VtSchema says never changes.  It holds tables and indexes over them, which are built at their first use, so
 * what nobody uses costs nothing; no default is resolved in it.  All strings are borrowed from the tables.
 */
#pragma once

#include "vt-runtime/table.h"

typedef struct VtSchema VtSchema;
typedef struct VtClassInfo VtClassInfo;

/* A member as one class has it. */
typedef struct VtProp {
    const char *name;     /* as the class spells it (an embedder may rename) */
    const VtLayer *layer; /* of row and cold */
    const VtRow *row;
    const VtCold *cold;
    const VtLayer *default_layer; /* of timeline; differs from layer where the class re-states the default */
    const VtTimeline *timeline;   /* NULL: no default */
    const VtClassInfo *owner;     /* the class whose definition holds the member */
    uint32_t offset;              /* of the value, from the start of the class's config */
    uint32_t words;               /* of vt_given of its struct, from the start of the class's config */
    uint16_t n_words;             /* vt_present follows vt_given after n_words words */
    uint16_t child;               /* 0: the object's own; else 1 + index of the embedded child it lives in */
    bool late;                    /* settled per object */
    bool hidden;                  /* reached through the child only, not by the class's users */
} VtProp;

typedef struct VtBusInfo {
    const char *type, *name; /* a pattern: "{id}" stands for the provider's id, "{n}" for which of @row->count it is */
    const VtLayer *layer;
    const VtBusRow *row;
} VtBusInfo;

struct VtClassInfo {
    const VtSchema *schema;
    const VtLayer *layer;
    const VtClass *row;
    const char *name, *tag, *kind;
    const VtClassInfo *parent; /* NULL: a root */
    const VtClassInfo *root;
    VtProp *props; /* root's first, own last, then the children's; hidden ones included */
    size_t n_props;
    const VtClassInfo **children; /* classes of the embedded children, by VtClass child order */
    const char **child_names;
    uint32_t *child_bases;
    size_t n_children;
    VtBusInfo *buses;
    size_t n_buses;
    const VtMachine *machine; /* machine classes: their versions; else NULL */
    uint16_t *index;          /* open-addressed by vt_name_hash: prop index + 1 */
    uint32_t index_mask;
};

/* @layers: NULL-terminated, lowest first.  Borrowed. */
VtSchema *vt_schema_new(const VtLayer *const *layers);
void vt_schema_free(VtSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtSchema, vt_schema_free)

static inline const char *
vt_str(const VtLayer *layer, uint32_t offset)
{
    return layer->strings + offset;
}

/* A text of the layer, and the line of the schema that it is about. */
static inline const char *
vt_text(const VtTexts *texts, uint32_t index)
{
    return texts->pool + texts->rows[index].text;
}

static inline unsigned
vt_text_line(const VtTexts *texts, uint32_t index)
{
    return texts->rows[index].line;
}

/* The layer that holds global type @type, and the type itself; @type must not be 0. */
const VtLayer *vt_schema_type_layer(const VtSchema *schema, uint16_t type);
const VtType *vt_schema_type(const VtSchema *schema, uint16_t type);
/* The global number of the type called @name, or 0. */
uint16_t vt_schema_find_type(const VtSchema *schema, const char *name);
/* Size in memory of one value of the row's kind (an element, where the row is a list). */
size_t vt_row_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row);

/* NULL when there is no such class. */
const VtClassInfo *vt_schema_class(const VtSchema *schema, const char *name);
const VtClassInfo *vt_schema_class_by_id(const VtSchema *schema, uint16_t id);
/* The class that @tag creates under @root; NULL when none does.  Machines: see vt_machine_find(). */
const VtClassInfo *vt_schema_class_by_tag(const VtSchema *schema, const VtClassInfo *root, const char *tag);
/* The class that has @alias for another tag on @target; 0 is any target. */
const VtClassInfo *vt_schema_class_by_alias(const VtSchema *schema, const VtClassInfo *root, const char *alias,
                                            uint16_t target);
/* The alias of a class that stands behind @before (NULL: the first), or NULL. */
const VtAlias *vt_alias_next(const VtLayer *layer, uint16_t class_id, uint16_t target, const VtAlias *before);
/* The first class with the number @id or a higher one, and its layer; NULL: none.  Its index is not built. */
const VtClass *vt_schema_class_from(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer);
/* All classes, layer by layer; NULL-terminated, borrowed.  Their indexes are built. */
const VtClassInfo *const *vt_schema_classes(const VtSchema *schema);

bool vt_class_is_a(const VtClassInfo *info, const VtClassInfo *ancestor);
bool vt_class_is_abstract(const VtClassInfo *info);
/* Whether a sensitive value may stand in the definition of some class at or below the root @root. */
bool vt_class_root_is_sensitive(const VtClassInfo *root);
/* Whether one may stand in a value of @row. */
bool vt_row_is_sensitive(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
/* A machine, and not some other class of that layer. */
bool vt_class_is_machine(const VtClassInfo *info);
/* The member called @name (longest declared name; '_' and '-' differ), or NULL. */
const VtProp *vt_class_prop(const VtClassInfo *info, const char *name, size_t len);
/* The behaviour of the class itself, NULL where it has none of its own. */
const VtOps *vt_class_ops(const VtClassInfo *info);
const VtBusOps *vt_schema_bus_ops(const VtSchema *schema, const char *bus_type);
/* Member @part of the devices on such a bus that says where they sit, most significant first; NULL past the last. */
const char *vt_schema_bus_address(const VtSchema *schema, const char *bus_type, unsigned part);
bool vt_schema_bus_is_a(const VtSchema *schema, const char *bus_type, const char *ancestor);

/* Versions of an axis: indexes 1 … n, oldest first.  find returns 0 when there is none of that name. */
uint16_t vt_schema_version(const VtSchema *schema, VtAxis axis, const char *name);
const char *vt_schema_version_name(const VtSchema *schema, VtAxis axis, uint16_t version);
uint16_t vt_schema_open_version(const VtSchema *schema, VtAxis axis);
uint16_t vt_schema_newest_closed(const VtSchema *schema, VtAxis axis);
size_t vt_schema_n_versions(const VtSchema *schema, VtAxis axis);

/* Machines: a name is FAMILY-VERSION, an alias (the newest version) or an unversioned family. */
typedef struct VtMachineName {
    const VtClassInfo *family;
    uint16_t version; /* on the machine axis; the newest node for unversioned families */
    char *name;       /* full name, pc-q35-9.1 */
} VtMachineName;
void vt_machine_name_clear(VtMachineName *name);
/* "unknown machine 'pc-q35-9.9'; did you mean 'pc-q35-9.2'?" */
bool vt_machine_find(const VtSchema *schema, const char *name, VtMachineName *ret_name, GError **error);
/* The same among the machines of @target (one VT_TARGET_*; 0: all): 'virt' is a family of several targets. */
bool vt_machine_find_for(const VtSchema *schema, const char *name, uint16_t target, VtMachineName *ret_name,
                         GError **error);
/* The member of the machine that decides where a @backend's @member is absent; NULL: none does. */
const VtProp *vt_machine_claim(const VtClassInfo *family, const VtClassInfo *backend, const char *member);
/* Whether @family has a node at @version (bugfix nodes exist for the families they name only). */
bool vt_machine_has_version(const VtClassInfo *family, uint16_t version);

const VtLayer *vt_schema_lowest(const VtSchema *schema); /* holds the platform features */
uint16_t vt_target_from_name(const char *name);          /* mask bit, 0: unknown */
const char *vt_target_name(uint16_t target);
