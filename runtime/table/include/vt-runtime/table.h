/* SPDX-License-Identifier: MIT */
/*
 * Tables: what qapi-gen emits and the loops of the runtime read.
 *
 * One VtLayer per layer holds all of that layer's tables.  Inside them nothing is a pointer: a name is an
 * offset in the layer's string pool (0 is the empty string and stands for "none"), a type is a number that is
 * global over all layers of a program (lower layers come first, so a program with fewer layers numbers alike),
 * everything else is an index into a table of the same layer.  Index 0 of types, classes, colds, timelines,
 * ranges, refs, scopes, needs, conditions and derives means "none"; the tables hold an empty entry there.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    VT_KIND_SIZE,      /* uint64_t; key=value text takes suffixes (4k, 1G) */
    VT_KIND_NUMBER,    /* double */
    VT_KIND_STR,       /* char *, owned; NULL is absence */
    VT_KIND_ENUM,      /* uint32_t sized C enum; row type is the enum */
    VT_KIND_SCALAR,    /* an integer with names and/or a codec; row type is the scalar */
    VT_KIND_STRUCT,    /* inline, or a pointer behind VT_ROW_BOXED */
    VT_KIND_UNION,     /* flat union; inline or boxed */
    VT_KIND_ALTERNATE, /* struct { uint32_t type; union u; }; inline or boxed */
    VT_KIND_ANY,       /* json_object *, owned; NULL is absence */
    VT_KIND_NULL,      /* JSON null; occupies a bool */
    VT_KIND_REF,       /* VtRef */
    VT_KIND_LIST,      /* only as the kind of a list *type* (command results); members use VT_ROW_LIST */
} VtKind;

/* A typed reference to another object by its id. */
typedef struct VtRef {
    char *id;                       /* owned; NULL is absence */
    VtObject *target;               /* borrowed; set by binding, NULL before */
    struct VtConfig *inline_config; /* owned; an inline definition ({"file": {"driver": ...}}), see VT_REF_INLINE */
} VtRef;

/* Every list member has this shape, with T for the element type. */
typedef struct VtList {
    size_t n;
    void *v;
} VtList;

enum {
    VT_ROW_REQUIRED = 1 << 0,
    VT_ROW_TAG = 1 << 1,       /* the discriminator of a union */
    VT_ROW_LIST = 1 << 2,      /* kind and type describe the element */
    VT_ROW_BOXED = 1 << 3,     /* struct member held by pointer: recursive, or larger than 256 bytes */
    VT_ROW_IF_OFF = 1 << 4,    /* its build-time condition is false: unknown to input and output */
    VT_ROW_TARGETED = 1 << 5,  /* only on the targets of its cold row */
    VT_ROW_LATE = 1 << 6,      /* settled per object (derive, or a when-ref entry), not in the image */
    VT_ROW_NON_EMPTY = 1 << 7, /* a string of at least one character */
};

typedef struct VtRow { /* 16 bytes */
    uint32_t name;
    uint16_t offset;    /* from the start of the row's struct */
    uint16_t type;      /* global type number, or 0 for a built-in kind */
    uint32_t len : 8;   /* strlen(name) */
    uint32_t kind : 5;  /* VtKind */
    uint32_t bit : 11;  /* index into vt_given and vt_present of the row's struct */
    uint32_t flags : 8; /* VT_ROW_* */
    uint32_t cold;
} VtRow;

enum { /* VtCold.features */
       VT_FEATURE_DEPRECATED = 1 << 0,
       VT_FEATURE_UNSTABLE = 1 << 1,
       VT_FEATURE_INTERNAL = 1 << 2,  /* no one can set it; it still has history and is shown */
       VT_FEATURE_SENSITIVE = 1 << 3, /* never output */
       VT_FEATURE_MUTABLE = 1 << 4,   /* may be set after realize, through the class's set */
       VT_FEATURE_GUEST_VISIBLE = 1 << 5,
       VT_FEATURE_READ_ONLY = 1 << 6,  /* told, never taken: what the object says of itself */
       VT_FEATURE_DESCRIPTOR = 1 << 7, /* text: numbers of descriptors that are open already, with colons between */
       VT_FEATURE_READS_FILE = 1 << 8, /* a path; the file is there when the object is realized */
       /* What no input may hold. */
       VT_FEATURES_NO_INPUT = VT_FEATURE_INTERNAL | VT_FEATURE_READ_ONLY,
};

typedef struct VtCold {
    uint32_t doc;          /* into VtLayer.texts: the documentation in one line, and the member's line */
    uint32_t absent_means; /* into VtLayer.texts: what absence means, where there is no default */
    uint32_t file;         /* schema file, relative to the schema directory */
    uint32_t timeline;     /* 0: no default */
    uint16_t range;
    uint16_t ref;
    uint16_t derive; /* of the member as a whole (an entry can have its own) */
    uint16_t features;
    uint16_t targets; /* mask of VT_TARGET_*; 0: all */
    uint16_t added;   /* machine-axis version that brought the member; 0: always there */
    uint16_t gate;    /* into VtLayer.gates: values that need platform features, whoever gave them; 0: none */
} VtCold;

/*
 * What is for people and decides nothing: documentation, reasons, and lines of the schema.  All of it that a layer has
 * is in one file, and the tables have numbers of texts, so that another word or line changes that file alone.
 */
typedef struct VtTextRow {
    uint32_t text; /* offset in VtTexts.pool; 0: empty */
    uint32_t line; /* of what the text is about, in its schema file; 0: not known */
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
       VT_REF_EXCLUSIVE = 1 << 0, /* one user at a time; else shared */
       VT_REF_BUS = 1 << 1,       /* names a bus; target is the name of a bus type, or empty for the class's own */
       VT_REF_INLINE = 1 << 2,    /* the value may be a definition in place of an id */
       VT_REF_QOM_PATH = 1 << 3,  /* a QOM path instead of an id */
};

typedef struct VtRefRow {
    uint32_t target; /* name of the class (or bus type) referred to */
    uint32_t flags;
} VtRefRow;

/* ---- types ------------------------------------------------------------------------------------------ */

typedef enum VtTypeKind {
    VT_TYPE_NONE,
    VT_TYPE_STRUCT,    /* rows [first, first + count) */
    VT_TYPE_UNION,     /* rows as a struct, then branches */
    VT_TYPE_ALTERNATE, /* rows are the branches; offset is that of u */
    VT_TYPE_ENUM,      /* names [first, first + count) in VtLayer.names */
    VT_TYPE_SCALAR,    /* VtLayer.scalars[first] */
    VT_TYPE_LIST,      /* one row describes the element */
} VtTypeKind;

typedef struct VtType {
    uint32_t name;
    uint32_t first;
    uint32_t size;         /* sizeof the C type */
    uint32_t first_branch; /* unions: into VtLayer.branches */
    uint32_t hash;         /* into VtLayer.hashes; 1 << hash_bits slots of row index + 1, 0 empty */
    uint32_t doc;          /* into VtLayer.texts */
    uint16_t count;
    uint16_t n_branches;
    uint16_t words_offset; /* offset of vt_given; vt_present follows it */
    uint16_t union_offset; /* unions: offset of u; alternates: of u */
    uint8_t kind;          /* VtTypeKind */
    uint8_t words;         /* 64-bit words in each of vt_given and vt_present; 0: the struct has no rows */
    uint8_t hash_bits;
    uint8_t flags; /* VT_TYPE_SENSITIVE */
} VtType;

enum { VT_TYPE_SENSITIVE = 1 << 0 }; /* VtType.flags: a sensitive value may stand in it, at any depth */

typedef struct VtName { /* an enum value, or a name of a scalar's value */
    uint32_t name;
    uint32_t doc;  /* into VtLayer.texts */
    int64_t value; /* enums: its index; scalars: the integer it stands for */
    uint32_t features;
    uint32_t flags; /* VT_ROW_IF_OFF */
} VtName;

typedef struct VtBranch { /* a union's branch */
    uint16_t value;       /* of the tag */
    uint16_t type;        /* global struct type; 0: an empty branch */
} VtBranch;

enum { /* VtScalar.accepts */
       VT_ACCEPTS_INT = 1 << 0,
       VT_ACCEPTS_STR = 1 << 1,
};

typedef struct VtScalar {
    uint32_t codec; /* name of the codec in runtime/, or 0 */
    uint8_t kind;   /* the integer kind (or VT_KIND_STR) it is kept as */
    uint8_t accepts;
    uint16_t range;
    uint32_t first_name; /* into VtLayer.names */
    uint32_t n_names;
} VtScalar;

/* ---- defaults --------------------------------------------------------------------------------------- */

typedef enum VtAxis { VT_AXIS_NONE, VT_AXIS_MACHINE, VT_AXIS_PLATFORM, VT_N_AXES } VtAxis;

enum {                           /* VtEntry.flags */
       VT_ENTRY_ABSENT = 1 << 0, /* no value from here on; the member's absence has its meaning */
       VT_ENTRY_STR = 1 << 1,    /* value is an offset in the string pool; of an 'any' it is JSON text */
       VT_ENTRY_ERRATUM = 1 << 2,
       VT_ENTRY_OTHER = 1 << 3, /* gates: every value but this one */
};

/*
 * One entry of a timeline.  Entries of one scope stand together, oldest first; scopes stand narrowest first,
 * so the first matching scope that has an entry in force decides.
 */
typedef struct VtEntry {
    uint64_t value; /* by the member's kind: integer, enum index, double's bits, pool offset, index of its part */
    uint32_t why;   /* into VtLayer.texts */
    uint16_t since; /* index on the axis; 0: from the beginning */
    uint16_t scope;
    uint16_t needs;     /* index into VtLayer.needs: platform features, 0-terminated */
    uint16_t condition; /* when-ref */
    uint16_t derive;
    uint16_t flags;
} VtEntry;

/*
 * A part of a default that is a struct, union, alternate or list.  The parts of a default are in prefix order: a
 * composite part is followed by the parts in it.  parts[0] is an empty struct or list.
 */
typedef struct VtPart {
    uint64_t value; /* as VtEntry.value; of a struct, union or list: how many parts are directly in it */
    uint16_t row;   /* of its type: the member, or an alternate's branch; VtType.count: the branch of a union */
    uint16_t flags; /* VT_ENTRY_STR */
} VtPart;

typedef struct VtTimeline {
    uint32_t first;
    uint16_t count;
    uint8_t axis;  /* VtAxis; VT_AXIS_NONE is a base default of one entry */
    uint8_t flags; /* VT_ROW_LATE: has a when-ref or derive entry */
    uint32_t file; /* schema file of its entries */
} VtTimeline;

typedef struct VtScope { /* index 0: everywhere */
    uint32_t family;     /* name of a machine definition (it and its descendants), or 0 */
    uint32_t accel;      /* name, or 0 */
    uint16_t targets;    /* mask, 0: all */
    uint16_t pad;
} VtScope;

typedef struct VtCondition { /* when-ref: the need holds only if the member refers to such an object */
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
 * A derived value.  The thunk calls the C function named by 'by' with exactly the declared inputs.
 * Inputs, as pool strings in VtLayer.inputs, 0-terminated:
 *   "/machine/PATH"  settled member of the machine      "self.NAME"   settled member of the same struct or class
 *   "given.NAME"     the member as configured (0/NULL)   "ref:NAME"    class name of the referenced object (str)
 *   "ref:NAME.PROP"  settled member of that object (0/NULL where its class has none)
 *   "bus:type"       bus type name the device sits on (str)
 *   "host:NAME"      a host constant (page-size)
 */
typedef struct VtDerive {
    uint32_t by;
    uint32_t inputs; /* first of its inputs in VtLayer.inputs */
} VtDerive;

typedef void (*VtDeriveThunk)(const VtValue *in, VtValue *out);

/* ---- axes (in one layer each) and platform features (in the lowest) ------------------------------------- */

typedef struct VtVersion {
    uint32_t name;
    uint16_t bugfix_of; /* index of the node it mends, or 0 */
    uint16_t flags;     /* 1: open */
    uint32_t families;  /* bugfix nodes: first of 0-terminated pool offsets in VtLayer.inputs; else 0 */
} VtVersion;

typedef struct VtFeature {
    uint32_t name;
    uint32_t probe; /* name of the probe function */
    uint32_t doc;   /* into VtLayer.texts */
    uint16_t since; /* platform-axis index */
    uint16_t pad;
} VtFeature;

/* ---- classes ---------------------------------------------------------------------------------------- */

typedef enum VtClassLayer { VT_CLASS_BACKEND, VT_CLASS_DEVICE, VT_CLASS_MACHINE } VtClassLayer;
typedef enum VtModel { VT_MODEL_NONE, VT_MODEL_OWN, VT_MODEL_INHERITED } VtModel;

enum { /* VtClass.flags */
       VT_CLASS_ABSTRACT = 1 << 0,
       VT_CLASS_USER_CREATABLE = 1 << 1,
       VT_CLASS_ID_REQUIRED = 1 << 2, /* roots: an id must be given */
       VT_CLASS_IF_OFF = 1 << 3,
       VT_CLASS_HOTPLUGGABLE = 1 << 4,
       VT_CLASS_SENSITIVE = 1 << 5, /* a sensitive value may stand in its definition, at any depth */
       VT_CLASS_VERSIONED = 1 << 6, /* some default depends on the machine's version */
};

/* A struct at an offset of the class's config: an ancestor's own members, a mixin, the class's own, a child's. */
typedef struct VtSegment {
    uint16_t type;  /* global struct type whose rows count from base */
    uint16_t child; /* 0, or index of the embedded child it belongs to */
    uint32_t base;
    uint16_t rename; /* first of n_renames pairs in VtLayer.renames; only renamed members are shared */
    uint16_t n_renames;
    uint16_t flags; /* 1: members are not the embedder's (reached through the child only) */
    uint16_t owner; /* global class number whose definition holds the members */
} VtSegment;

typedef struct VtRename {
    uint32_t own, child;
} VtRename; /* pool strings */

typedef struct VtOverride { /* a re-stated default: replaces that of a row in one segment */
    uint16_t segment;       /* index among the class's segments */
    uint16_t row;           /* index among the struct's rows */
    uint32_t timeline;      /* in the class's own layer */
} VtOverride;

typedef struct VtChild { /* an embedded object */
    uint32_t name;
    uint32_t base;     /* offset of its config in the embedder's */
    uint16_t class_id; /* global */
    uint16_t pad;
} VtChild;

#define VT_BUS_DEPTH 3 /* the most parts of an address */

typedef struct VtSlots {
    uint32_t first, last;
} VtSlots;

typedef struct VtBusRow { /* a bus, or several alike, that objects of the class provide */
    uint32_t type;        /* bus type name */
    uint32_t name;        /* pattern: "{id}", "{id}.{n}", "pcie.0" */
    VtSlots slots[VT_BUS_DEPTH];
    uint32_t reserved;   /* first of triples (address, by, when) of pool strings in VtLayer.inputs */
    uint32_t as_many_as; /* first of the members in VtLayer.inputs that say how many slots it has, 0-terminated; or 0 */
    uint32_t when;       /* a member that must be on or given, "!" before one that must not; or 0 */
    uint16_t count;
    uint8_t n_slots; /* 0: as many devices as there are */
    uint8_t n_reserved;
    bool hotplug;
} VtBusRow;

typedef struct VtBusType {
    uint32_t name;
    uint32_t parent;  /* name, or 0 */
    uint32_t doc;     /* into VtLayer.texts */
    uint32_t stem;    /* what buses without an owner's id are called, before their number; 0: the name in lower case */
    uint32_t address; /* first of the members of its devices in VtLayer.inputs that say where they sit; or 0 */
} VtBusType;

typedef struct VtClass {
    uint32_t name;
    uint32_t tag;  /* the value that creates it ("user" for netdev-user) */
    uint32_t kind; /* kind of its ids, as its root says: device, object, netdev, block-node, machine */
    uint32_t doc;  /* into VtLayer.texts */
    uint32_t file; /* schema file, relative to the schema directory */
    uint32_t config_size;
    uint32_t first_segment, first_override;
    uint16_t id;     /* its own global number */
    uint16_t parent; /* global, 0: a root */
    uint16_t root;   /* global */
    uint16_t type;   /* global struct type of its own members, 0: none */
    uint16_t n_segments;
    uint16_t n_overrides; /* its own: those of its ancestors and children hold besides */
    uint16_t first_child, n_children;
    uint16_t first_bus, n_buses;
    uint16_t targets;
    uint16_t features;
    uint16_t syscalls, optional_syscalls; /* by SyscallGroup: what its objects need, and what some of them need */
    uint32_t plugs_into;                  /* bus type name, or 0 */
    uint32_t union_name;                  /* roots: creation union */
    uint32_t tag_name;                    /* roots: member that holds the tag */
    uint32_t id_name;                     /* roots: member that holds the id, or 0 */
    uint32_t wrap;                        /* roots: member that wraps the leaf's members, or 0 */
    uint32_t within;                      /* roots: member that holds the tag and the wrap, beside the id, or 0 */
    uint32_t otherwise;                   /* roots: tag that counts where none is given, or 0 */
    uint32_t short_form;                  /* JSON text: what keys of key=value text stand for, or 0 */
    uint8_t layer;                        /* VtClassLayer */
    uint8_t model;                        /* VtModel */
    uint8_t flags;
    uint8_t pad;
} VtClass;

typedef struct VtAlias { /* another name that creates a class */
    uint32_t name;
    uint16_t class_id; /* global */
    uint16_t targets;
} VtAlias;

typedef struct VtMachine {  /* what a machine class has beyond VtClass */
    uint16_t class_id;      /* global */
    uint16_t from;          /* machine-axis index of its first version; 0: unversioned */
    uint16_t to;            /* last version, or 0: the open one */
    uint16_t deprecated_to; /* up to and including; 0: none */
    uint32_t targets;
    uint32_t claims; /* triples backend class, its member, the machine's member, as aliases; 0: none */
} VtMachine;

/* ---- layers ----------------------------------------------------------------------------------------- */

typedef struct VtOps VtOps;       /* object.h: a class's behaviour */
typedef struct VtBusOps VtBusOps; /* bus.h: a bus type's behaviour */
typedef struct VtCodec VtCodec;   /* codec.h */
typedef struct VtProbe VtProbe;   /* context.h */

typedef struct VtLayer {
    const char *name;
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
    const uint16_t *class_names; /* indexes of all classes but [0], which is none, by name */
    const uint16_t *class_tags;  /* the same by root and by what creates them */
    const VtName *names;
    const VtBranch *branches;
    const VtScalar *scalars;
    const uint16_t *hashes;
    const VtRange *ranges;
    const VtRefRow *refs;
    const VtTimeline *timelines;
    const VtEntry *entries;
    const VtEntry *gates; /* value, needs and flags only */
    const VtPart *parts;
    const VtScope *scopes;
    const VtCondition *conditions;
    const uint16_t *needs; /* indexes into the lowest layer's features */
    const VtDerive *derives;
    const uint32_t *inputs;
    const VtSegment *segments;
    const VtRename *renames;
    const VtOverride *overrides;
    const VtChild *children;
    const VtBusRow *buses;
    const VtBusType *bus_types;
    uint32_t n_bus_types;
    const VtAlias *aliases;
    uint32_t n_aliases;
    const VtMachine *machines;
    uint32_t n_machines;
    const VtVersion *versions[VT_N_AXES];
    uint32_t n_versions[VT_N_AXES]; /* [0] unused, entry 0 empty */
    const VtFeature *features;
    uint32_t n_features; /* entry 0 empty */
    /* Strong references: a missing behaviour does not link. */
    const VtOps *const *ops;            /* by class, NULL where the model is not the class's own */
    const VtBusOps *const *bus_ops;     /* by bus type */
    const VtDeriveThunk *derive_thunks; /* by derive */
    const VtCodec *const *codecs;       /* by scalar, NULL where it has none */
    const VtProbe *const *probes;       /* by feature */
} VtLayer;

enum {
    VT_TARGET_X86_64 = 1 << 0,
    VT_TARGET_I386 = 1 << 1,
    VT_TARGET_AARCH64 = 1 << 2,
    VT_TARGET_ARM = 1 << 3,
    VT_TARGET_S390X = 1 << 4,
    VT_TARGET_PPC64 = 1 << 5,
    VT_TARGET_PPC = 1 << 6,
    VT_TARGET_M68K = 1 << 7,
    VT_TARGET_RISCV64 = 1 << 8,
    VT_TARGET_RISCV32 = 1 << 9,
};

/* ---- programs --------------------------------------------------------------------------------------- */

enum { /* VtOption.flags */
       VT_OPTION_MULTIPLE = 1 << 0,
       VT_OPTION_CREATES = 1 << 1, /* its type is a creation union: class_name is the root */
       VT_OPTION_FLAG = 1 << 2,    /* takes no argument */
       VT_OPTION_EXPANDS = 1 << 3,
       VT_OPTION_BARE_KEYS = 1 << 4, /* a key of its text without a value is on */
       VT_OPTION_SENSITIVE = 1 << 5, /* a sensitive value may stand in its value */
};

typedef struct VtOption {
    const char *name;
    const VtTexts *texts;
    const char *implied_key; /* or NULL */
    const char *root;        /* root class that it creates, or NULL */
    const char *expands_to;  /* JSON text of the template list, or NULL */
    /* The same by a function, of its text and how often it was given before. */
    struct json_object *(*expand)(const char *text, unsigned index, GError **error);
    const char *const *globals; /* triples key, class, member, NULL: keys of its value that are another's; or NULL */
    const char *metavar;        /* for --help */
    /* By target: what its value is the beginning of, as the name of the class that it creates; or NULL. */
    const char *const *class_suffixes;
    const VtRow *row; /* its row in the program's options struct; NULL for creations and sugar */
    uint32_t doc;     /* into its texts */
    uint16_t type;    /* global type, or 0; sugar's own type where it has one */
    uint8_t kind;     /* VtKind */
    uint8_t flags;
} VtOption;

enum {                              /* VtCommand.flags */
       VT_COMMAND_CREATES = 1 << 0, /* arguments are a creation union */
       VT_COMMAND_RAW = 1 << 1,     /* 'gen': false: gets its arguments as json_object */
       VT_COMMAND_OOB = 1 << 2,
       VT_COMMAND_PRECONFIG = 1 << 3,
       VT_COMMAND_NO_RESPONSE = 1 << 4,
};

struct VtMonitor;
typedef struct VtCommand {
    const char *name;
    const VtTexts *texts;
    uint32_t doc;      /* into its texts */
    const char *root;  /* creations: the root class */
    uint16_t arg_type; /* global struct type, 0: no arguments */
    uint16_t ret_type; /* global type (struct or list), 0: empty object */
    uint8_t ret_kind;  /* VtKind of the result: STRUCT, LIST, ANY, STR, ... or NONE */
    uint8_t flags;
    /* Fills *ret (zeroed, of ret_type's size; a json_object ** for ANY).  A creation's gets the object that was created
     * as its argument, and is NULL where it answers nothing. */
    bool (*run)(struct VtMonitor *monitor, const void *arg, void *ret, GError **error);
} VtCommand;

typedef struct VtIntrospection {
    uint32_t targets; /* mask of the targets it is for */
    const char *json; /* a part of the answer to query-qmp-schema */
    size_t len;       /* of it */
} VtIntrospection;

typedef struct VtProgram {
    const char *name;
    const VtLayer *const *layers; /* NULL-terminated, lowest first */
    const VtOption *options;
    uint32_t n_options;
    uint16_t options_type; /* global struct type of the options struct */
    const VtCommand *commands;
    uint32_t n_commands;       /* sorted by name */
    const char *const *events; /* NULL-terminated */
    const VtIntrospection *introspection;
    uint32_t n_introspection;
} VtProgram;

/*
 * The hash of a member's name, the same in qapi-gen (tables.py) and here.  Slots are probed linearly.
 */
static inline uint32_t
vt_name_hash(const char *name, size_t len)
{
    uint32_t h = (uint32_t)len * 0x9E3779B1u;

    for (size_t i = 0; i < len; i++) {
        h = (h ^ (uint8_t)name[i]) * 0x01000193u;
    }
    return h ^ (h >> 15);
}
