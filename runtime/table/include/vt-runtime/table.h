/* SPDX-License-Identifier: MIT */
/*
 * Tables: the data that qapi-gen generates and the runtime reads.
 *
 * Each layer has one VtLayer with all its tables. The tables contain no pointers. A name is an offset in the string
 * pool of the layer; 0 is the empty string and means "none". Types and classes have global numbers across all layers of
 * a program. Lower layers come first, so a program with fewer layers has the same numbers. Every other reference is an
 * index into a table of the same layer. Index 0 of types, classes, colds, timelines, ranges, refs, scopes, needs,
 * conditions and derives means "none"; the tables have an empty entry there.
 *
 * All tables are constant: any thread may read them.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vt-runtime/bus-table.h"
#include "vt-runtime/target.h"

typedef struct _GError GError;
typedef struct VtObject VtObject;

/* ---- members ---------------------------------------------------------------------------------------- */

typedef enum VtKind {
    VT_KIND_NONE,
    VT_KIND_BOOL, /* bool */
    VT_KIND_INT8,
    VT_KIND_INT16,
    VT_KIND_INT32,
    VT_KIND_INT64,
    VT_KIND_UINT8,
    VT_KIND_UINT16,
    VT_KIND_UINT32,
    VT_KIND_UINT64,
    VT_KIND_SIZE,      /* uint64_t; key=value text accepts suffixes (4k, 1G) */
    VT_KIND_NUMBER,    /* double */
    VT_KIND_STR,       /* char *, owned; NULL: absent */
    VT_KIND_ENUM,      /* a C enum of the size of uint32_t; the row's type is the enum */
    VT_KIND_SCALAR,    /* an integer with names or a codec, or a string with a codec; the row's type is the scalar */
    VT_KIND_STRUCT,    /* inline, or a pointer with VT_ROW_BOXED */
    VT_KIND_UNION,     /* flat union; inline or boxed */
    VT_KIND_ALTERNATE, /* struct { uint32_t type; union u; }; inline or boxed */
    VT_KIND_ANY,       /* json_object *, owned; NULL: absent */
    VT_KIND_NULL,      /* JSON null; stored as a bool */
    VT_KIND_REF,       /* VtRef */
    VT_KIND_LIST,      /* only for a list type (command results); members use VT_ROW_LIST */
} VtKind;

/* A reference to another object by its id. */
typedef struct VtRef {
    char *id;                       /* owned; NULL: absent */
    VtObject *target;               /* borrowed; NULL before the reference is bound */
    struct VtConfig *inline_config; /* owned; an inline definition, see VT_REF_INLINE; or NULL */
} VtRef;

/* A list member has this layout; @v is an array of @n elements, owned. */
typedef struct VtList {
    size_t n;
    void *v;
} VtList;

enum {
    VT_ROW_REQUIRED = 1 << 0,
    VT_ROW_TAG = 1 << 1,       /* the discriminator of a union */
    VT_ROW_LIST = 1 << 2,      /* a list; kind and type are of the element */
    VT_ROW_BOXED = 1 << 3,     /* stored by pointer: recursive, or larger than 256 bytes */
    VT_ROW_IF_OFF = 1 << 4,    /* its build-time condition is false: unknown to input and output */
    VT_ROW_TARGETED = 1 << 5,  /* exists only on the targets of its VtCold */
    VT_ROW_LATE = 1 << 6,      /* settled for each object (derive, or a when-ref entry), not in the image */
    VT_ROW_NON_EMPTY = 1 << 7, /* a string of at least one character */
};

typedef struct VtRow { /* a member of a struct; 16 bytes */
    uint32_t name;
    uint16_t offset;    /* offset in its struct, in bytes */
    uint16_t type;      /* global type number; 0: a built-in kind */
    uint32_t len : 8;   /* strlen(name) */
    uint32_t kind : 5;  /* VtKind */
    uint32_t bit : 11;  /* bit number in vt_given and vt_present of its struct */
    uint32_t flags : 8; /* VT_ROW_* */
    uint32_t cold;
} VtRow;

enum { /* VtCold.features */
       VT_FEATURE_DEPRECATED = 1 << 0,
       VT_FEATURE_UNSTABLE = 1 << 1,
       VT_FEATURE_INTERNAL = 1 << 2,  /* no input can set it; output shows it, and it has a history */
       VT_FEATURE_SENSITIVE = 1 << 3, /* never output */
       VT_FEATURE_MUTABLE = 1 << 4,   /* can be set after realize, through VtOps.set */
       VT_FEATURE_GUEST_VISIBLE = 1 << 5,
       VT_FEATURE_READ_ONLY = 1 << 6,   /* output only: the object computes it */
       VT_FEATURE_DESCRIPTOR = 1 << 7,  /* a string: numbers of open file descriptors, separated by colons */
       VT_FEATURE_AUTOMATIC = 1 << 8,   /* without a given value, the engine chooses one when it realizes the object */
       VT_FEATURE_HOST_PATH = 1 << 9,   /* a string: the path of a file of the host */
       VT_FEATURE_READS_FILE = 1 << 10, /* a path of a file that must exist when the object is realized */
       VT_FEATURE_CLASS_NAME = 1 << 11, /* a string: the name of a class; its default is the name in the tables */
       VT_FEATURE_ALIAS = 1 << 12,      /* another name of the member with the same offset */
       VT_FEATURE_POWER_OF_TWO = 1 << 13, /* an integer: 0 or a power of two */
       VT_FEATURE_UNIQUE = 1 << 14,       /* no two objects of a VM have the same value; a negative integer is none */
       VT_FEATURE_NEEDED = 1 << 15,       /* an object without a value cannot be created; an integer: with 0 */
       VT_FEATURES_RULES = VT_FEATURE_POWER_OF_TWO | VT_FEATURE_UNIQUE | VT_FEATURE_NEEDED,
       /* Members that no input may contain. */
       VT_FEATURES_NO_INPUT = VT_FEATURE_INTERNAL | VT_FEATURE_READ_ONLY,
};

/* Releases of QEMU, as indexes on the release axis: the first and the last that can have introduced, deprecated or
 * removed a name. 0: no release did. */
typedef struct VtLife {
    uint32_t why; /* into VtLayer.texts: the reason for the end; 0: none */
    uint8_t introduced[2], deprecated[2], removed[2];
} VtLife;

/* What is done with a file of the host, by its path. */
typedef enum VtPathUse {
    VT_PATH_NONE,    /* the text is no path */
    VT_PATH_ANY,     /* unknown */
    VT_PATH_READ,    /* the file exists */
    VT_PATH_WRITE,   /* the file exists */
    VT_PATH_CREATE,  /* the file, or its directory, is written */
    VT_PATH_EXECUTE, /* a program; a name without '/' is none */
    VT_PATH_PIPE,    /* the file, or two files of this name with .in and .out */
    VT_PATH_SOCKET,  /* the directory exists */
    VT_PATH_DIRECTORY,
    VT_PATH_DATA,   /* a file; a name that begins with neither '/' nor '.' may be in another directory */
    VT_PATH_DEVICE, /* a character device, which can be opened */
} VtPathUse;

typedef struct VtCold {
    uint32_t doc;          /* into VtLayer.texts: one line of documentation, and the schema line */
    uint32_t absent_means; /* into VtLayer.texts: the meaning of absence, if there is no default */
    uint32_t file;         /* schema file, relative to the schema directory */
    uint32_t timeline;     /* 0: no default */
    uint32_t frozen;       /* timeline of the value that a frozen file has in place of 'auto'; 0: it has 'auto' */
    uint16_t range;
    uint16_t ref;
    uint16_t derive; /* of the member; an entry can have its own */
    uint16_t features;
    uint16_t targets; /* mask of VT_TARGET_*; 0: all */
    uint16_t added;   /* machine-axis version that added the member; 0: all versions have it */
    uint16_t gate;    /* into VtLayer.gates: values that need platform features, even if a user sets them; 0: none */
    uint16_t life;    /* into VtLayer.lives; 0: none */
    uint16_t path;    /* VtPathUse */
} VtCold;

/*
 * Texts: documentation, reasons, and schema lines, which have no effect on behaviour.
 * All texts of a layer are in one file, and tables refer to them by number. A change of wording changes that file only.
 */
typedef struct VtTextRow {
    uint32_t text; /* offset in VtTexts.pool; 0: empty */
    uint32_t line; /* line in the schema file; 0: unknown */
} VtTextRow;

typedef struct VtTexts {
    const char *pool;
    const VtTextRow *rows; /* [0] is empty */
} VtTexts;

typedef struct VtRange {
    int64_t min;
    uint64_t max;
} VtRange;

enum {                            /* VtRefRow.flags */
       VT_REF_EXCLUSIVE = 1 << 0, /* one user at a time; otherwise shared */
       VT_REF_BUS = 1 << 1,       /* refers to a bus; target is a bus type, or empty for the bus type of the class */
       VT_REF_INLINE = 1 << 2,    /* the value may be an inline definition instead of an id */
       VT_REF_QOM_PATH = 1 << 3,  /* a QOM path instead of an id */
};

typedef struct VtRefRow {
    uint32_t target; /* name of the class or bus type that it refers to */
    uint32_t flags;
} VtRefRow;

/* ---- types ------------------------------------------------------------------------------------------ */

typedef enum VtTypeKind {
    VT_TYPE_NONE,
    VT_TYPE_STRUCT,    /* rows [first, first + count) */
    VT_TYPE_UNION,     /* rows of the base, and branches */
    VT_TYPE_ALTERNATE, /* rows are the branches; union_offset is that of u */
    VT_TYPE_ENUM,      /* names [first, first + count) in VtLayer.names */
    VT_TYPE_SCALAR,    /* VtLayer.scalars[first] */
    VT_TYPE_LIST,      /* one row for the element */
} VtTypeKind;

typedef struct VtType {
    uint32_t name;
    uint32_t first;
    uint32_t size;         /* sizeof the C type */
    uint32_t first_branch; /* unions: first in VtLayer.branches */
    uint32_t hash;         /* first in VtLayer.hashes: 1 << hash_bits slots of row index + 1; 0: empty */
    uint32_t doc;          /* into VtLayer.texts */
    uint16_t count;
    uint16_t n_branches;
    uint16_t words_offset; /* offset of vt_given; vt_present follows it */
    uint16_t union_offset; /* unions and alternates: offset of u */
    uint8_t kind;          /* VtTypeKind */
    uint8_t words;         /* length of vt_given and of vt_present in 64-bit words; 0: the struct has no rows */
    uint8_t hash_bits;
    uint8_t flags; /* VT_TYPE_SENSITIVE */
} VtType;

enum { VT_TYPE_SENSITIVE = 1 << 0 }; /* VtType.flags: it may contain a sensitive value, at any depth */

typedef struct VtName { /* an enum value, or a name of a scalar's value */
    uint32_t name;
    uint32_t doc;  /* into VtLayer.texts */
    int64_t value; /* enums: the index; scalars: the integer value */
    uint32_t features;
    uint32_t flags; /* VT_ROW_IF_OFF */
} VtName;

typedef struct VtBranch { /* a branch of a union */
    uint16_t value;       /* value of the tag */
    uint16_t type;        /* global struct type; 0: an empty branch */
} VtBranch;

enum { /* VtScalar.accepts */
       VT_ACCEPTS_INT = 1 << 0,
       VT_ACCEPTS_STR = 1 << 1,
};

typedef struct VtScalar {
    uint32_t codec; /* name of the codec; 0: none */
    uint8_t kind;   /* VtKind in which it is stored: an integer kind or VT_KIND_STR */
    uint8_t accepts;
    uint16_t range;
    /* Into VtLayer.names: names of values; of a string, the texts that it matches, '*' for any text. */
    uint32_t first_name;
    uint32_t n_names;
} VtScalar;

/* ---- defaults --------------------------------------------------------------------------------------- */

typedef enum VtAxis { VT_AXIS_NONE, VT_AXIS_MACHINE, VT_AXIS_PLATFORM, VT_AXIS_RELEASE, VT_N_AXES } VtAxis;

enum {                           /* VtEntry.flags */
       VT_ENTRY_ABSENT = 1 << 0, /* no value from this version on: the member is absent */
       VT_ENTRY_STR = 1 << 1,    /* value is an offset in the string pool; for kind 'any', of JSON text */
       VT_ENTRY_ERRATUM = 1 << 2,
       VT_ENTRY_OTHER = 1 << 3, /* gates: applies to every value except this one */
};

/*
 * An entry of a timeline. The entries of a scope are adjacent, oldest first, and those of a version by their release.
 * Scopes are sorted narrowest first: the first scope that matches and has an applicable entry decides.
 */
typedef struct VtEntry {
    uint64_t value; /* by the member's kind: integer, enum index, bits of a double, pool offset, or index of its part */
    uint32_t why;   /* into VtLayer.texts */
    uint16_t since; /* first version, as an index on the axis; 0: all versions */
    uint16_t scope;
    uint16_t needs;     /* index into VtLayer.needs: platform features, 0-terminated */
    uint16_t condition; /* index into VtLayer.conditions (when-ref) */
    uint16_t derive;
    uint8_t flags;
    uint8_t release; /* first release, as an index on the release axis; 0: all releases */
} VtEntry;

/*
 * A part of a default that is a struct, union, alternate or list. Parts are in prefix order: a composite part precedes
 * the parts that it contains. parts[0] is an empty struct or list.
 */
typedef struct VtPart {
    uint64_t value; /* as VtEntry.value; for a struct, union or list: number of its direct parts */
    uint16_t row;   /* index of a row: the member, or the branch of an alternate; VtType.count: the branch of a union */
    uint16_t flags; /* VT_ENTRY_STR */
} VtPart;

typedef struct VtTimeline {
    uint32_t first;
    uint16_t count;
    uint8_t axis;  /* VtAxis; VT_AXIS_NONE: a base default of one entry */
    uint8_t flags; /* VT_ROW_LATE: has a when-ref or derive entry */
    uint32_t file; /* schema file of its entries */
} VtTimeline;

typedef struct VtScope { /* index 0: matches always */
    uint32_t family;     /* name of a machine class, which includes its descendants; 0: any */
    uint32_t accel;      /* tag of an accelerator; 0: any */
    uint16_t targets;    /* mask of VT_TARGET_*; 0: all */
    uint16_t pad;
} VtScope;

typedef struct VtCondition { /* when-ref: the entry has its needs only if the member refers to such an object */
    uint32_t member;         /* name of the ref member of the same class */
    uint32_t class_name;
} VtCondition;

typedef union VtValue {
    bool b;
    int64_t i;
    uint64_t u;
    double d;
    const char *s;
} VtValue;

/*
 * A derived value. The thunk calls the C function @by with exactly the declared inputs. The inputs are pool strings in
 * VtLayer.inputs, 0-terminated:
 *   "/machine/PATH"  settled member of the machine
 *   "self.NAME"      settled member of the same struct or class
 *   "given.NAME"     the member as configured (0 or NULL if absent)
 *   "ref:NAME"       class name of the referenced object (str)
 *   "ref:NAME.PROP"  settled member of that object (0 or NULL if its class has none)
 *   "bus:type"       name of the type of the device's bus (str)
 *   "host:NAME"      a constant of the host (page-size)
 */
typedef struct VtDerive {
    uint32_t by;
    uint32_t inputs; /* first of its inputs in VtLayer.inputs */
} VtDerive;

typedef void (*VtDeriveThunk)(const VtValue *in, VtValue *out);

/* ---- axes (in one layer each) and platform features (in the lowest) ------------------------------------- */

typedef struct VtVersion {
    uint32_t name;
    uint16_t bugfix_of; /* bugfix versions: index of the version that it corrects; 0: not a bugfix */
    uint16_t flags;     /* 1: open */
    uint32_t families;  /* bugfix versions: first of its families in VtLayer.inputs, 0-terminated; else 0 */
    uint32_t life;      /* machine versions: into VtLayer.lives: their end by the rule of the axis; 0: none */
} VtVersion;

typedef struct VtFeature {
    uint32_t name;
    uint32_t probe; /* name of the probe */
    uint32_t doc;   /* into VtLayer.texts */
    uint16_t since; /* first version on the platform axis */
    uint16_t pad;
} VtFeature;

/* ---- classes ---------------------------------------------------------------------------------------- */

typedef enum VtClassLayer { VT_CLASS_BACKEND, VT_CLASS_DEVICE, VT_CLASS_MACHINE } VtClassLayer;
/* A fallback works, and an engine is preferred. */
typedef enum VtModel { VT_MODEL_NONE, VT_MODEL_OWN, VT_MODEL_INHERITED, VT_MODEL_FALLBACK } VtModel;

enum { /* VtClass.flags */
       VT_CLASS_ABSTRACT = 1 << 0,
       VT_CLASS_USER_CREATABLE = 1 << 1,
       VT_CLASS_ID_REQUIRED = 1 << 2, /* roots: an id is required */
       VT_CLASS_IF_OFF = 1 << 3,
       VT_CLASS_HOTPLUGGABLE = 1 << 4,
       VT_CLASS_SENSITIVE = 1 << 5,   /* its definition may contain a sensitive value, at any depth */
       VT_CLASS_VERSIONED = 1 << 6,   /* a default depends on the machine version */
       VT_CLASS_SUFFIXED = 1 << 7,    /* the end of its name is that of the target, by VtLayer.suffixes */
       VT_CLASS_UNLISTED = 1 << 8,    /* not a type of QOM: its children have its parent there */
       VT_CLASS_AT_MOST_ONE = 1 << 9, /* a VM has at most one object of the class and its descendants */
       /* CPU models: differs from host to host; is the same on all hosts; and on all machine versions, too. */
       VT_CLASS_MIGRATION_UNSAFE = 1 << 10,
       VT_CLASS_MIGRATION_SAFE = 1 << 11,
       VT_CLASS_MIGRATION_STATIC = 1 << 12,
       VT_CLASS_MIGRATION_KINDS = VT_CLASS_MIGRATION_UNSAFE | VT_CLASS_MIGRATION_SAFE | VT_CLASS_MIGRATION_STATIC,
       VT_CLASS_SHARED = 1 << 13,       /* exclusive references to its objects are not exclusive */
       VT_CLASS_ENGINE_TYPE = 1 << 14,  /* roots: an engine has the classes as types of QOM with properties */
       VT_CLASS_ENGINE_APART = 1 << 15, /* roots: in an engine, more than the option of an object creates it */
};

/* A struct at an offset of a class's config: own members of the class or of an ancestor, a mixin, or members of a
 * child. */
typedef struct VtSegment {
    uint16_t type;  /* global struct type; offsets of its rows are relative to base */
    uint16_t child; /* 0: none; else 1 + index of the embedded child that it belongs to */
    uint32_t base;
    uint16_t rename; /* first of n_renames pairs in VtLayer.renames; if any, the embedder shows only these members */
    uint16_t n_renames;
    uint16_t flags; /* 1: the members are accessible through the child only */
    uint16_t owner; /* global number of the class whose definition has the members */
} VtSegment;

typedef struct VtRename {
    uint32_t own, child;
} VtRename; /* names of a member in the embedder and in the child, in the string pool */

typedef struct VtOverride { /* an override: replaces the default of a row in one segment */
    uint16_t segment;       /* index among the segments of the class */
    uint16_t row;           /* index among the rows of the struct */
    uint32_t timeline;      /* timeline in the layer of the class; 0: no default */
} VtOverride;

typedef struct VtChild { /* an embedded object */
    uint32_t name;
    uint32_t base;     /* offset of its config in the embedder's config */
    uint16_t class_id; /* global */
    uint16_t pad;
} VtChild;

typedef enum VtRuleDemand {
    VT_RULE_NONE,         /* the conditions are wrong together */
    VT_RULE_RANGE,        /* a number from min to max */
    VT_RULE_LENGTH,       /* a text of min to max bytes */
    VT_RULE_VALUES,       /* one of values */
    VT_RULE_AT_MOST,      /* at most the value of the second input */
    VT_RULE_MULTIPLE_OF,  /* a multiple of the value of the second input */
    VT_RULE_POWER_OF_TWO, /* 0 or a power of two */
    VT_RULE_GIVEN,        /* min to max of the inputs are present; 0 is no value */
    VT_RULE_TOGETHER,     /* all inputs are present, or none is */
    VT_RULE_SHARE,        /* at most max objects of a VM have this rule with the same name, the only one of values */
    VT_RULE_BLOCKS_MIGRATION, /* the VM need not migrate */
    VT_RULE_NEEDS_FILE,       /* the host has the file: the text of values, then the value of the input, if any */
} VtRuleDemand;

/*
 * A rule for the settled values of an object, which applies if all conditions hold. The lists are in VtLayer.inputs,
 * 0-terminated; 0: none. Inputs are as those of VtDerive, and "accel". A condition is an input and a pattern: texts
 * with '|' between them, "null" for an absent value. '!' before the input: the pattern does not match.
 */
typedef struct VtRule {
    uint32_t demand; /* VtRuleDemand */
    uint32_t inputs, values, guards;
    uint32_t why; /* VT_RULE_NONE: the error */
    int64_t min;
    uint64_t max;
} VtRule;

typedef struct VtClass {
    uint32_t name;
    uint32_t tag;  /* tag that creates it ("user" for netdev-user); 0: the name */
    uint32_t kind; /* roots: kind of the ids: device, object, netdev, block-node, machine */
    uint32_t doc;  /* into VtLayer.texts */
    uint32_t file; /* schema file, relative to the schema directory */
    uint32_t config_size;
    uint32_t first_segment, first_override;
    uint16_t id;     /* its global number */
    uint16_t parent; /* global number; 0: a root class */
    uint16_t root;   /* global */
    uint16_t type;   /* global struct type of its own members; 0: none */
    uint16_t n_segments;
    uint16_t n_overrides; /* its own; overrides of ancestors and children apply, too */
    uint16_t first_child, n_children;
    uint16_t first_bus, n_buses;
    uint16_t first_rule, n_rules; /* its own; those of ancestors and children apply, too */
    uint16_t targets;
    uint16_t features;
    uint16_t life;                         /* into VtLayer.lives; 0: none */
    uint16_t syscalls, optional_syscalls;  /* masks of SyscallGroup: needed by all its objects, and by some */
    uint32_t needs_machines, needs_accels; /* first in VtLayer.inputs: what its objects need, 0-terminated; 0: none */
    uint32_t needs_host; /* first in VtLayer.needs: features that each of its objects needs; 0: none */
    uint32_t plugs_into; /* name of its bus type, or 0 */
    uint32_t implements; /* first in VtLayer.inputs of its own interfaces, 0-terminated; or 0 */
    uint32_t qom_parent; /* name of the class that is its parent in QOM; 0: that of @parent */
    uint32_t alias_of;   /* name of the class of the CPU model that its own stands for; or 0 */
    uint32_t union_name; /* roots: name of the creation union */
    uint32_t tag_name;   /* roots: member with the tag */
    uint32_t id_name;    /* roots: member with the id, or 0 */
    uint32_t wrap;       /* roots: member that wraps the members of the leaf class, or 0 */
    uint32_t within;     /* roots: member, beside the id, that contains the tag and the wrap, or 0 */
    uint32_t otherwise;  /* roots: default tag, or 0 */
    uint32_t short_form; /* JSON text: short forms of keys in key=value text, or 0 */
    uint32_t
        served; /* roots: JSON text: {"member", "value", "as"}, what a runner gets in place of a served object; or 0 */
    uint32_t identity; /* JSON text: the struct VtBusType.identity of its bus type; or 0 */
    uint8_t layer;     /* VtClassLayer */
    uint8_t model;     /* VtModel */
    uint16_t flags;
} VtClass;

typedef struct VtAlias { /* an alias of a tag */
    uint32_t name;
    uint16_t class_id; /* global */
    uint16_t targets;
} VtAlias;

typedef struct VtMachine {             /* data of a machine class in addition to VtClass */
    uint16_t class_id;                 /* global */
    uint16_t from;                     /* first version, on the machine axis; 0: unversioned */
    uint16_t to;                       /* last version; 0: the open one */
    uint16_t targets, default_for;     /* masks of VT_TARGET_*; @default_for: where it is the default machine */
    uint32_t claims;                   /* first in VtLayer.inputs of triples: backend class, its member, own member */
    uint16_t first_retired, n_retired; /* in VtLayer.retired, from old to new */
} VtMachine;

typedef struct VtRetired { /* versions that ended before the rule of the axis says */
    uint16_t to;           /* the last of them */
    uint16_t life;
} VtRetired;

/* ---- layers ----------------------------------------------------------------------------------------- */

typedef struct VtOps VtOps;       /* behaviour of a class; see ops.h */
typedef struct VtBusOps VtBusOps; /* behaviour of a bus type; see bus.h */
typedef struct VtCodec VtCodec;   /* codec.h */
typedef struct VtProbe VtProbe;   /* context.h */

typedef struct VtLayer {
    const char *name;
    const char *hash; /* of the schema: tables and modules are for one; NULL: not the program's own layer */
    const char *strings;
    const VtTexts *texts;
    const VtRow *rows;
    const VtCold *colds;
    const VtType *types;
    uint32_t n_types;
    uint32_t first_type; /* global number of types[0] */
    const VtClass *classes;
    uint32_t n_classes;
    uint32_t first_class;
    const uint16_t *class_names; /* indexes of all classes except [0], sorted by name */
    const uint16_t *class_tags;  /* as class_names, sorted by root and tag */
    const VtName *names;
    const VtBranch *branches;
    const VtScalar *scalars;
    const uint16_t *hashes;
    const VtRange *ranges;
    const VtRefRow *refs;
    const VtTimeline *timelines;
    const VtEntry *entries;
    const VtEntry *gates; /* only value, needs and flags are used */
    const VtPart *parts;
    const VtScope *scopes;
    const VtCondition *conditions;
    const uint16_t *needs; /* indexes into the features of the lowest layer, 0-terminated */
    const VtDerive *derives;
    const uint32_t *inputs;
    const VtSegment *segments;
    const VtRename *renames;
    const VtOverride *overrides;
    const VtChild *children;
    const VtLife *lives;
    const VtRetired *retired;
    const VtRule *rules;
    const VtBusRow *buses;
    const VtBusType *bus_types;
    uint32_t n_bus_types;
    const VtQomRow *qom_types;
    uint32_t n_qom_types;
    const VtAlias *aliases;
    uint32_t n_aliases;
    const VtMachine *machines;
    uint32_t n_machines;
    const VtVersion *versions[VT_N_AXES];
    uint32_t n_versions[VT_N_AXES]; /* by axis; [0] is unused; version 0 is empty */
    const VtFeature *features;
    uint32_t n_features; /* feature 0 is empty */
    /* Strong references: a missing implementation is a link error. */
    const VtOps *const *ops;            /* by class; NULL: the class has no ops of its own */
    const VtBusOps *const *bus_ops;     /* by bus type; NULL: none */
    const VtDeriveThunk *derive_thunks; /* by derive */
    const VtCodec *const *codecs;       /* by scalar; NULL: none */
    const VtProbe *const *probes;       /* by feature */
    const char *const *suffixes;        /* by target: end of the names of classes with VT_CLASS_SUFFIXED; or NULL */
} VtLayer;

/* Returns the hash of a member's name; tables.py of qapi-gen has the same function. Slots are probed linearly. */
static inline uint32_t
vt_name_hash(const char *name, size_t len)
{
    uint32_t h = (uint32_t)len * 0x9E3779B1u;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ (uint8_t)name[i]) * 0x01000193u;
    }
    return h ^ (h >> 15);
}

#include "vt-runtime/program-table.h"
