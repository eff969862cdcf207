/* SPDX-License-Identifier: MIT */
/*
 * Schema: the tables of all layers of a program, and an index of members for each class.
 *
 * A VtSchema has no defaults. Its content never changes. Indexes are built at their first use, so that unused classes
 * cost nothing; therefore use it on the main thread only. Strings and pointers that functions return are borrowed from
 * the schema.
 */
#pragma once

#include "vt-runtime/table.h"

typedef struct VtSchema VtSchema;
typedef struct VtClassInfo VtClassInfo;

/* A member of a class. */
typedef struct VtProp {
    const char *name;     /* name in this class; an embedder may rename a child's member */
    const VtLayer *layer; /* layer of @row and @cold */
    const VtRow *row;
    const VtCold *cold;
    const VtLayer *default_layer; /* layer of @timeline; differs from @layer if the class overrides the default */
    const VtTimeline *timeline;   /* NULL: no default */
    const VtClassInfo *owner;     /* the class whose definition has the member */
    uint32_t offset;              /* of the value, from the start of the class's config */
    uint32_t words;               /* offset of vt_given of its struct in the class's config */
    uint16_t n_words;             /* length of vt_given in 64-bit words; vt_present follows it */
    uint16_t child;               /* 0: a member of the object; else 1 + index of the embedded child */
    uint16_t alias_of;            /* 0: a member; else another name of the member of this prop index + 1 */
    bool late;                    /* the value is settled for each object */
    bool hidden;                  /* accessible through the child only */
} VtProp;

typedef struct VtBusInfo {
    const char *type, *name; /* in @name, "{id}" is the provider's id, "{n}" the number of the bus */
    const VtLayer *layer;
    const VtBusRow *row;
} VtBusInfo;

struct VtClassInfo {
    const VtSchema *schema;
    const VtLayer *layer;
    const VtClass *row;
    const char *name, *tag, *kind;
    const VtClassInfo *parent; /* NULL: a root class */
    const VtClassInfo *root;
    VtProp *props; /* in order: root class to own, then children; includes hidden ones */
    size_t n_props;
    const VtClassInfo **children; /* classes of the embedded children, in the order of VtChild */
    const char **child_names;
    uint32_t *child_bases;
    size_t n_children;
    VtBusInfo *buses;
    size_t n_buses;
    const VtMachine *machine; /* machine classes: versions; else NULL */
    uint16_t *index;          /* hash table with open addressing, by vt_name_hash(): prop index + 1; 0: empty */
    uint32_t index_mask;
};

/*
 * Creates a schema of @layers, which is NULL-terminated, lowest layer first, and borrowed. The caller owns the result.
 */
VtSchema *vt_schema_new(const VtLayer *const *layers);
void vt_schema_free(VtSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtSchema, vt_schema_free)

/* The hash of the schema that the program was built with, for tables and modules; "": it has none. */
const char *vt_schema_hash(const VtSchema *schema);

static inline const char *
vt_str(const VtLayer *layer, uint32_t offset)
{
    return layer->strings + offset;
}

/* Return a text of the layer, and the line of the schema file that it documents. */
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

/* Returns the VT_FEATURE_* of the member @row. */
static inline unsigned
vt_row_features(const VtLayer *layer, const VtRow *row)
{
    return row->cold ? layer->colds[row->cold].features : 0;
}

/* Return the layer of the global type @type, and the type. @type must exist and not be 0. */
const VtLayer *vt_schema_type_layer(const VtSchema *schema, uint16_t type);
const VtType *vt_schema_type(const VtSchema *schema, uint16_t type);
/* Returns the global number of the type @name, or 0. */
uint16_t vt_schema_find_type(const VtSchema *schema, const char *name);
/* Returns the text of @value of the enum @type, as JSON has it. Both must exist. Borrowed from the schema. */
const char *vt_enum_name(const VtSchema *schema, const char *type, uint32_t value);
/* Whether the enum @type, which must exist, has a value with this text. */
bool vt_enum_has_name(const VtSchema *schema, const char *type, const char *text);
/* Returns the size in bytes of one value of @row; for a list, of one element. */
size_t vt_row_size(const VtSchema *schema, const VtLayer *layer, const VtRow *row);

/* vt_schema_class() returns NULL if no class has @name. For vt_schema_class_by_id(), @id must exist. */
const VtClassInfo *vt_schema_class(const VtSchema *schema, const char *name);
const VtClassInfo *vt_schema_class_by_id(const VtSchema *schema, uint16_t id);
/* Returns the class at or below @root that @tag creates, or NULL. For machines, use vt_machine_find(). */
const VtClassInfo *vt_schema_class_by_tag(const VtSchema *schema, const VtClassInfo *root, const char *tag);
/* Returns the class below @root with the alias @alias on @target (0: any target), or NULL. */
const VtClassInfo *vt_schema_class_by_alias(const VtSchema *schema, const VtClassInfo *root, const char *alias,
                                            uint16_t target);
/*
 * Some names of classes end with a suffix of the target. The functions here find classes by their names on the current
 * target, which VtClassInfo has, too. Without a target, they find them by the names on any.
 */
void vt_schema_set_target(const VtSchema *schema, uint16_t target);
/* Return the name of a class or alias on @target (one VT_TARGET_*; 0: that of the tables). Borrowed from the schema. */
const char *vt_class_row_name(const VtSchema *schema, const VtLayer *layer, const VtClass *row, uint16_t target);
const char *vt_alias_name(const VtSchema *schema, const VtLayer *layer, const VtAlias *alias, uint16_t target);
/* Returns the length of the class's name without a suffix of the target. */
size_t vt_class_stem_len(const VtLayer *layer, const VtClass *row);
/* Returns the next alias of the class after @before (NULL: the first) on @target (0: any target), or NULL. */
const VtAlias *vt_alias_next(const VtLayer *layer, uint16_t class_id, uint16_t target, const VtAlias *before);
/* Returns the first class with a number of @id or more and sets *@ret_layer, or returns NULL. Does not build the index
 * of the class. */
const VtClass *vt_schema_class_from(const VtSchema *schema, uint16_t id, const VtLayer **ret_layer);
/* Returns the tag that creates the class @row of @layer on the target of the schema. An abstract class has its name as
 * tag. */
const char *vt_class_row_tag(const VtSchema *schema, const VtLayer *layer, const VtClass *row);
/* Returns all classes, layer by layer, NULL-terminated. Builds and keeps their indexes: many megabytes and
 * instructions, for programs that end soon. */
const VtClassInfo *const *vt_schema_classes(const VtSchema *schema);

bool vt_class_is_a(const VtClassInfo *info, const VtClassInfo *ancestor);
bool vt_class_is_abstract(const VtClassInfo *info);
/* Returns whether the definition of a class at or below @root may contain a sensitive value. */
bool vt_class_root_is_sensitive(const VtClassInfo *root);
/* Returns whether a value of @row may contain a sensitive value. */
bool vt_row_is_sensitive(const VtSchema *schema, const VtLayer *layer, const VtRow *row);
/* Returns whether the keys in @text, which is key=value text or JSON text, are names of members, and no member of such
 * a name is sensitive. Then what follows @text is no part of a sensitive value. */
bool vt_schema_keys_are_plain(const VtSchema *schema, const char *text, size_t len);
/* Returns whether the class is a machine. Other classes can be in the machine layer, too. */
bool vt_class_is_machine(const VtClassInfo *info);
/* Returns the member with the @name of @len bytes, or NULL. '_' and '-' are different. Hidden members are not found. */
const VtProp *vt_class_prop(const VtClassInfo *info, const char *name, size_t len);
/* Returns @prop, or the member that @prop is another name of. */
static inline const VtProp *
vt_prop_member(const VtClassInfo *info, const VtProp *prop)
{
    return prop->alias_of ? &info->props[prop->alias_of - 1] : prop;
}

/* vt_class_ops() returns the behaviour of the class itself, NULL if it has none. vt_schema_bus_ops() returns that of a
 * bus type or its nearest ancestor, or NULL. */
const VtOps *vt_class_ops(const VtClassInfo *info);
const VtBusOps *vt_schema_bus_ops(const VtSchema *schema, const char *bus_type);
/* Returns the name of the member that is part @part of a device's address on such a bus, most significant first. NULL:
 * no such part. */
const char *vt_schema_bus_address(const VtSchema *schema, const char *bus_type, unsigned part);
/* Returns the name of the struct of what drivers find the devices of such a bus by, NULL: none. */
const char *vt_schema_bus_identity(const VtSchema *schema, const char *bus_type);
bool vt_schema_bus_is_a(const VtSchema *schema, const char *bus_type, const char *ancestor);

/*
 * Versions of an axis have indexes from 1, oldest first. vt_schema_version() returns 0 for an unknown name.
 * vt_schema_version_name() requires a valid index. vt_schema_open_version() returns the newest version if none is open.
 * vt_schema_newest_closed() returns 0 if all are open.
 */
uint16_t vt_schema_version(const VtSchema *schema, VtAxis axis, const char *name);
const char *vt_schema_version_name(const VtSchema *schema, VtAxis axis, uint16_t version);
uint16_t vt_schema_open_version(const VtSchema *schema, VtAxis axis);
uint16_t vt_schema_newest_closed(const VtSchema *schema, VtAxis axis);
size_t vt_schema_n_versions(const VtSchema *schema, VtAxis axis);
/* Returns "machine", "platform" or "release"; NULL for VT_AXIS_NONE. */
const char *vt_axis_name(VtAxis axis);
/* Returns the newest version of @axis that a release of QEMU has; 0: none. */
uint16_t vt_schema_version_in_release(const VtSchema *schema, VtAxis axis, uint16_t release);

/* A machine name is FAMILY-VERSION, an alias (the newest version), or an unversioned family. */
typedef struct VtVendorMachine VtVendorMachine;
typedef struct VtMachineName {
    const VtClassInfo *family;
    uint16_t version;              /* on the machine axis; for an unversioned family, the newest version */
    char *name;                    /* full name such as pc-q35-9.1; owned */
    const VtVendorMachine *vendor; /* its machine overlay; NULL: none */
} VtMachineName;
void vt_machine_name_clear(VtMachineName *name);
/* Limits @machine to what @release of QEMU has. A machine without versions, and one that @asked names by an alias,
 * becomes that of the release. Fails for a newer version, and for a removed one. */
bool vt_machine_set_release(VtMachineName *machine, const char *asked, uint16_t release, GError **error);
/* Finds the machine @name. The caller clears *@ret_name with vt_machine_name_clear(). On failure returns false and sets
 * @error: "unknown machine 'pc-q35-9.9'; did you mean 'pc-q35-9.2'?" */
bool vt_machine_find(const VtSchema *schema, const char *name, VtMachineName *ret_name, GError **error);
/*
 * As vt_machine_find(), among the machines of @target (one VT_TARGET_*; 0: all). Several targets have a family 'virt'.
 */
bool vt_machine_find_for(const VtSchema *schema, const char *name, uint16_t target, VtMachineName *ret_name,
                         GError **error);
/* Returns the name of the default machine of @target, an alias if it has one, so that the name means the newest
 * version. NULL: the target has no default machine. Borrowed. */
const char *vt_machine_default(const VtSchema *schema, uint16_t target);
/* Returns the machine member whose value applies if @member of @backend is absent, or NULL. */
const VtProp *vt_machine_claim(const VtClassInfo *family, const VtClassInfo *backend, const char *member);
/* Returns whether @family has @version. A bugfix version exists only for the families that it names. False for an
 * unversioned family. */
bool vt_machine_has_version(const VtClassInfo *family, uint16_t version);
/* Returns the newest version of @family that is not newer than @version. 0: there is none, or the family is
 * unversioned. */
uint16_t vt_machine_newest(const VtClassInfo *family, uint16_t version);
/* Returns FAMILY-VERSION, or the name of an unversioned family. The caller frees it. */
char *vt_machine_version_name(const VtClassInfo *family, uint16_t version);

const VtLayer *vt_schema_lowest(const VtSchema *schema); /* the layer with the platform features */
uint16_t vt_target_from_name(const char *name);          /* returns one VT_TARGET_*, or 0 if unknown */
/* Sets the error for an unknown target, with the closest name.  Returns false. */
bool vt_target_fail_unknown(const char *name, GError **error);
const char *vt_target_name(uint16_t target);
/* The byte order that QEMU's test protocol reports: that of the target after reset, also if the guest can change it. */
bool vt_target_is_big_endian(uint16_t target);

/* Returns whether the class, or an ancestor, implements the interface @name. */
bool vt_class_implements(const VtClassInfo *info, const char *name);

/* ---- lives of names ------------------------------------------------------------------------------------ */

typedef enum VtLifeStage { VT_LIFE_IN_USE, VT_LIFE_FUTURE, VT_LIFE_DEPRECATED, VT_LIFE_REMOVED } VtLifeStage;
/* NULL: the class or member has no recorded life. */
const VtLife *vt_class_life(const VtClassInfo *info);
/* Of the bus type, the interface or the internal type @name; *@ret_texts: the texts of its layer. Returns false if
 * there is none. *@ret_life: NULL: it has no recorded life. */
bool vt_qom_life(const VtSchema *schema, const char *name, const VtLife **ret_life, const VtTexts **ret_texts);
const VtLife *vt_prop_life(const VtProp *prop);
/* Whether reports show the member on @target (0: any): it is neither hidden nor sensitive. */
bool vt_prop_is_shown(const VtProp *prop, uint16_t target);
/* Returns the stage in @release. @life may be NULL. A name that one of several releases removed is deprecated from the
 * first of them on, and removed from the last one on. */
VtLifeStage vt_life_stage(const VtLife *life, uint16_t release);
/* Returns "release 9.2", "one of the releases 8.0 to 11.1", or NULL. The caller frees it. */
char *vt_life_span_text(const VtSchema *schema, const uint8_t span[2]);
/* Checks of names against a release. */
typedef struct VtLifeCheck {
    const VtSchema *schema;
    uint16_t release;                    /* 0: the schema has no releases, so no name is checked */
    bool strict;                         /* a name that the release lacks is an error, not a warning */
    GPtrArray *warnings;                 /* of char *, owned by the array; NULL: no warnings */
    const struct VtCompatPolicy *policy; /* of deprecated and unstable names; NULL: they are accepted */
} VtLifeCheck;
/* Whether vt_life_check() neither fails nor adds a warning. @life may be NULL. */
bool vt_life_passes(const VtLifeCheck *check, const VtLife *life);
/* Adds a warning for a name that the release has deprecated, if it is not rejected. Fails, or adds a warning, for one
 * that the release lacks. @life may be NULL. @texts has its reason. @where and @what begin the message: "-device[0]",
 * "type 'e1000'". */
bool vt_life_check(const VtLifeCheck *check, const VtLife *life, const VtTexts *texts, const char *where,
                   const char *what, GError **error);
/* As vt_life_check(), for a life that is computed. @why may be NULL. */
bool vt_life_check_for(const VtLifeCheck *check, const VtLife *life, const char *why, const char *where,
                       const char *what, GError **error);
/* Adds a warning for a name that is unstable, if it is not rejected. @where and @what as for vt_life_check(). */
bool vt_life_check_unstable(const VtLifeCheck *check, const char *where, const char *what, GError **error);
/* Removes each of the warnings that repeats an earlier one. */
void vt_life_unique(GPtrArray *warnings);
/* Computes the life of a machine version: its own release, the earlier end of its family's old versions, and the rule
 * of the axis. *@ret_why: borrowed; NULL: no reason. @version is ignored for a family without versions. */
void vt_machine_life(const VtClassInfo *family, uint16_t version, VtLife *ret_life, const char **ret_why);
/* Returns the name of the oldest version that @release still has; NULL: none. The caller frees it. */
char *vt_machine_oldest_left(const VtClassInfo *family, uint16_t release);
