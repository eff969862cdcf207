/* SPDX-License-Identifier: MIT */
/*
 * Internals of the object model.
 */
#pragma once

#include "resolve/context-private.h"
#include "vt-runtime/vm.h"

/* One reference to an object. */
typedef struct VtUse {
    GList link;             /* in VtObject.users of the target */
    VtObject *user;         /* NULL: @holder is the user */
    const VtHolder *holder; /* a user without an object; NULL: @user is the user */
    const char *member;
    bool exclusive;
} VtUse;

/* An object that another object refers to. */
typedef struct VtTarget {
    VtObject *object;
    VtUse *use; /* in the users of @object; NULL: @object is the owner of a bus, or an embedder, and does not count this
                   use */
} VtTarget;

typedef struct VtClaimRecord {
    GList link; /* in VtClaims.records */
    void *user; /* VtObject, or VtHolder if @is_holder */
    bool is_holder;
    VtClaim claim;
} VtClaimRecord;

/* The claims of one backend. */
typedef struct VtClaims {
    GQueue records;      /* of VtClaimRecord, oldest first */
    GHashTable *by_user; /* user to VtClaimRecord */
    guint n[2][2];       /* number of claims by read_only and share, without those that serve */
    guint n_serving;     /* number of claims that serve */
} VtClaims;

/* A user without an object; see vt_backend_hold(). */
struct VtHolder {
    VtObject *target;
    VtUse *use; /* NULL: it serves others, and may remain when the target is deleted */
    char *title;
};

/* Cache: the member that an input of a derivation names. */
typedef struct VtInputSlot {
    const char *name; /* in the string pool, so that equal names have equal pointers */
    size_t len;       /* length of the part of @name that is used, in bytes */
    const VtProp *from, *prop;
} VtInputSlot;

/* What a VM keeps for each class of its objects and their embedded children. */
typedef struct VtClassMemory {
    const VtClassPrivate *class;
    uint16_t *late_places; /* by prop: position of its VtLate in an object, from 1; 0: none yet; NULL: none at all */
    uint16_t n_late_places;
    VtInputSlot *inputs; /* members that derivations read, by name; NULL: none yet; see derive.c */
    unsigned steps;      /* vt_class_steps() */
} VtClassMemory;

typedef enum VtLateState { VT_LATE_NEW, VT_LATE_BUSY, VT_LATE_DONE } VtLateState;

/* The result of settling one member of one object, with a copy of the configured value. */
typedef struct VtLate {
    uint16_t prop; /* index of the member in the class of the top object */
    uint8_t state; /* VtLateState */
    bool used;     /* false: an empty element of VtObject.late */
    bool derived;  /* the value of the member is a derived value */
    bool has_copy;
    bool was_present;
    const VtEntry *entry; /* entry in force: a when-ref entry that applies to this object, or the entry of the image */
    union {
        uint64_t words[3];
        void *pointer; /* a value that is larger than @words */
    } copy;
} VtLate;

typedef struct VtIndexEntry VtIndexEntry; /* index.c */
typedef struct VtNumbers VtNumbers;       /* number-bus.c */

typedef enum VtStage { VT_STAGE_NEW, VT_STAGE_PLANNED, VT_STAGE_REALIZED } VtStage;

struct VtObject {
    VtVm *vm;
    const VtClassPrivate *class;
    VtClassMemory *memory; /* of @class; the VM owns it */
    VtConfig *config;      /* of the embedder, for an embedded child */
    void *data;
    uint32_t base;   /* offset of @data in the config */
    uint32_t number; /* objects without an id: 1 + N of "device[N]"; 0: none yet */
    uint32_t serial; /* order of creation: that of the command line */
    uint32_t hash;   /* of the id */
    VtObject *same;  /* next in the bucket of the id; see id-map.c */
    VtObject *embedder;
    VtObject **children; /* in the order of the class's children */
    VtBus **provides;    /* the buses of the object */
    uint32_t n_provides;
    VtBus *bus;         /* the bus that was chosen; NULL: none */
    VtNumbers *numbers; /* address on a bus with vt_number_bus_ops; NULL: none */
    GQueue users;       /* of VtUse */
    VtUse *exclusive;   /* the exclusive user in @users; NULL: none */
    GArray *targets;    /* of VtTarget; NULL: none */
    GPtrArray *inlines; /* objects that definitions inside its config created; NULL: none */
    GArray *late;       /* of VtLate, indexed by VtClassMemory.late_places; NULL: none */
    VtClaims *claims;   /* NULL: none */
    char *state;
    VtIndexEntry *entries; /* its index entries; NULL: none */
    GList link;            /* in VtVm.order */
    GList planned;         /* in VtVm.planned */
    GList nameless;        /* in VtKindMap.anonymous */
    uint32_t placement;    /* order of placement */
    uint8_t stage;         /* VtStage */
    uint8_t mark;          /* state of the object in order.c */
    uint16_t turn;         /* the turn in order.c */
    bool owns_config;
    bool placed;
    bool waits; /* in VtVm.planned */
    bool done;  /* settled and, if it plugs into a bus, placed */
    bool hotplugged;
    bool elsewhere; /* a runner has it */
};

typedef struct VtBusPrivate {
    VtBus bus;           /* must be first: casts from VtBus * rely on it */
    const VtBusOps *ops; /* the rules of the type */
    VtBus *previous;     /* in the list of buses with the same name */
    VtBus *next;         /* in the list of buses with the same name */
    VtBus *above;        /* bus that the owner is plugged into; NULL: a root, or not linked */
    GPtrArray *below;    /* of VtBus: buses of the devices on this bus, oldest first; NULL: none */
    GArray *full;        /* of VtFull, one for each class; NULL: none */
    GHashTable *taken;   /* of VtNumbers: addresses in use; NULL: none */
    GHashTable *tried;   /* of Tried in number-bus.c: where the next search starts; NULL: none */
    uint32_t serial;     /* order of creation */
    bool linked;         /* in @below of @above, or in VtVm.roots */
    bool internal;       /* only for an embedded child of the owner */
    bool joined;         /* a member that is not the place of its device refers to it */
} VtBusPrivate;

/* Objects by id (id-map.c).  The configs own the ids. */
typedef struct VtIdMap {
    VtObject **buckets; /* lists by VtObject.same */
    uint32_t n_buckets; /* 0 or a power of two */
    uint32_t n;
} VtIdMap;

/* The objects of one kind: one namespace of ids. */
typedef struct VtKindMap {
    const char *name;
    VtIdMap ids;
    GQueue anonymous;    /* of VtObject without an id, in order of creation */
    GHashTable *numbers; /* VtObject.number to VtObject */
    uint32_t next;       /* number of the last object without an id */
} VtKindMap;

typedef struct VtHolds VtHolds; /* hold.c */

struct VtVm {
    VtContext *ctx;
    GPtrArray *former; /* of VtContext: earlier ones, of which realized objects have values; NULL: none */
    const VtSchema *schema;
    const VtLifeCheck *life; /* of names that vt_vm_create() uses; NULL: no check */
    VtObject *machine;
    bool machine_pending;    /* the machine waits for the first batch, which creates objects that it refers to */
    GArray *kinds;           /* of VtKindMap */
    GQueue order;            /* all objects in order of planning: each after the objects that it refers to */
    GQueue planned;          /* objects that are not realized yet, in order */
    GHashTable *buses;       /* bus type to GPtrArray of VtBus that devices can plug into, oldest first */
    GHashTable *bus_names;   /* name to the first VtBus with the name */
    GPtrArray *roots;        /* of VtBus: buses of the machine, oldest first */
    unsigned n_inverted;     /* number of buses whose owner is older than the owner of the bus above */
    GHashTable *bus_numbers; /* stem to the number of buses whose owner has no id */
    uint32_t serial;         /* serial of the next object or bus */
    uint32_t placement;      /* placement of the next device */
    GPtrArray *indexes;      /* of VtIndex; NULL: none */
    GHashTable *classes;     /* class number to VtClassMemory: the classes of all objects so far */
    VtEventFunc event_func;  /* NULL: discard events */
    void *event_opaque;
    VtNoticeFunc notice_func; /* NULL: discard notices */
    void *notice_opaque;
    VtQuitFunc quit_func; /* NULL: vt_vm_quit() has no effect */
    void *quit_opaque;
    const VtProcessorOps *processors; /* NULL: the tree has the only processor, if there is one */
    void *processors_opaque;
    const VtRunnerOps *runner; /* NULL: none */
    void *runner_opaque;
    VtHolds *holds;     /* NULL: none */
    GHashTable *slots;  /* slots.c; NULL: none */
    GHashTable *served; /* objects to their services; NULL: none */
    GHashTable *givers; /* givers.c; NULL: none */
    bool started;       /* vt_vm_started() was called */
    bool incomplete;    /* commands add objects before vt_vm_realize() */
    uint32_t denied;    /* groups of system calls that the sandbox denies */
    bool aside;         /* the context and the machine belong to another VM */
};

/* ---- givers.c ------------------------------------------------------------------------------------------ */

/* @input gave the member @index of @object, which is no embedded child. */
void vt_giver_set(const VtObject *object, size_t index, const VtInput *input);
void vt_givers_forget(const VtObject *object);
/* Reads members of the machine.  @by: by member, the last input that gave it. */
bool vt_machine_input(VtConfig *config, VtInput *input, VtContext *ctx, VtInput **by, GError **error);

/* ---- serve.c ------------------------------------------------------------------------------------------ */

/* Ends the service of the object, if it has one. */
void vt_object_unserve(VtObject *object);

/* ---- object.c, late.c --------------------------------------------------------------------------------- */

/* Creates an object with its embedded children and buses, and adds the buses to the tree.  Takes ownership of @config
 * if @owns_config. */
VtObject *vt_object_new(VtVm *vm, VtConfig *config, bool owns_config);
void vt_class_memory_free(VtClassMemory *memory);
/* Frees an object that is not in the tree and has no users.  NULL is allowed. */
void vt_object_free(VtObject *object);
/* The object that contains @object as an embedded child, at any depth, or @object itself. */
VtObject *vt_object_top(VtObject *object);
static inline const VtObject *
vt_object_const_top(const VtObject *object)
{
    while (object->embedder) {
        object = object->embedder;
    }
    return object;
}
/* Functions of VtOps that planning calls. */
typedef enum VtStep { VT_STEP_REFER, VT_STEP_VALIDATE, VT_STEP_CHECK_PLACE, VT_N_STEPS } VtStep;
/* Calls the function of each class, from the root class to the leaf, then of the embedded children.  Stops at the first
 * failure. */
bool vt_object_run(VtObject *object, VtStep step, GError **error);
/* A mask of the steps, 1 << VT_STEP_*, that the class or its embedded children have. */
unsigned vt_class_steps(const VtClassPrivate *class);

/* The record of member @index of the top object @object.  vt_late_find() returns NULL if there is none; vt_late_get()
 * then creates it with a copy of the configured value. */
const VtLate *vt_late_find(const VtObject *object, size_t index);
VtLate *vt_late_get(VtObject *object, size_t index);
/* Makes the current value of member @index the configured value. */
void vt_late_forget(VtObject *object, size_t index);
void vt_late_clear(VtObject *object);
/* Restores the configured value of every member. */
void vt_late_reset(VtObject *object);
/* The configured value of member @index: the copy if there is one, else the value in the config.  Borrowed. */
const void *vt_late_configured(const VtObject *object, size_t index, bool *ret_present);
/* Maps @prop of the class of @object to the member of the top object. */
const VtProp *vt_object_map_prop(const VtObject *object, const VtProp *prop);
bool vt_object_fixed(const VtObject *object, const VtProp *prop); /* set by the user or by -global */
void vt_object_set_target(VtObject *object, VtRef *ref, VtObject *target);

/* ---- id-map.c ----------------------------------------------------------------------------------------- */

/* The object with the id, or NULL. */
VtObject *vt_id_map_find(const VtIdMap *map, const char *id);
/* Adds @object, which has an id.  Returns false if another object has the id. */
bool vt_id_map_add(VtIdMap *map, VtObject *object);
/* No effect if @object is not in @map. */
void vt_id_map_remove(VtIdMap *map, VtObject *object);
/* All objects in undefined order.  @object: NULL for the first one.  NULL: there are no more. */
VtObject *vt_id_map_next(const VtIdMap *map, const VtObject *object);
void vt_id_map_clear(VtIdMap *map);

/* ---- tree.c, path.c ----------------------------------------------------------------------------------- */

VtKindMap *vt_objects_kind(const VtVm *vm, const char *kind);    /* NULL: no object of the kind so far */
bool vt_objects_add(VtVm *vm, VtObject *object, GError **error); /* fails if the id is in use */
void vt_objects_remove(VtVm *vm, VtObject *object);
void vt_objects_number(VtObject *object);      /* assigns a permanent number to an object without an id */
char *vt_objects_name(const VtObject *object); /* ID, or KIND[N]; the caller frees it */
void vt_objects_add_bus(VtVm *vm, VtBus *bus);
void vt_objects_remove_bus(VtVm *vm, VtBus *bus);
int vt_natural_compare(const char *a, const char *b);

/* ---- vm.c, parts.c ------------------------------------------------------------------------------------ */

/* A VM without objects.  Takes ownership of @ctx, unless VtVm.aside is set. */
VtVm *vt_vm_new_empty(VtContext *ctx);
#define VT_PARTS "/machine/unattached"
/* Whether the object is a processor or device of the machine, below /machine/unattached. */
bool vt_part_is(const VtObject *object);
/* Its name there; the caller frees it. */
char *vt_part_name(const VtObject *object);
/* Finds the part that a path names whose rest, below /machine/unattached, is *@parts; at least one.  Moves *@parts past
 * the name. */
VtObject *vt_parts_find(const VtVm *vm, char *const **parts);
/* The processor @name of @object; NULL: it has none, or @name is NULL. */
VtObject *vt_part_thread(const VtObject *object, const char *name);
void vt_parts_list(const VtVm *vm, VtTreeFunc func, void *opaque);
/* Lists the processors of a core; none of another object. */
void vt_part_list_threads(const VtVm *vm, const VtObject *object, VtTreeFunc func, void *opaque);
/* Parses "[N]", the number of an object without an id. */
bool vt_parse_number(const char *text, guint64 *ret_number);
void vt_parts_free(VtVm *vm);

/* ---- claim.c ------------------------------------------------------------------------------------------ */

void vt_claims_free(VtClaims *claims);

/* ---- index.c ------------------------------------------------------------------------------------------ */

/* Removes all index entries of the object and its embedded children. */
void vt_index_leave_all(VtObject *object);

/* ---- refs.c, order.c ---------------------------------------------------------------------------------- */

bool vt_refs_bind(VtObject *object, GError **error);
/* Replaces the target of the member @row by the object @id; NULL: none. */
bool vt_refs_rebind(VtObject *object, const VtLayer *layer, const VtRow *row, VtRef *ref, const char *id,
                    GError **error);
void vt_refs_unbind(VtObject *object);
/* Adds or removes a holder as a user of its target. */
void vt_refs_hold(VtHolder *holder);
void vt_refs_let_go(VtHolder *holder);
/* The title of the first user of @object ("device 'v'"), or NULL.  The caller frees it. */
char *vt_refs_first_user(const VtObject *object);
/* Sorts @objects: each after the objects that it refers to, devices with a configured address before other devices.
 * Fails if references form a cycle. */
bool vt_order_objects(GPtrArray *objects, GError **error);

/* ---- rules.c ------------------------------------------------------------------------------------------- */

/* Checks the rules that the schema states for a settled object. */
bool vt_object_check_rules(VtObject *object, GError **error);
/* The rules of one class for the values of its objects. */
bool vt_object_check_values(VtObject *object, const VtClassInfo *info, GError **error);
/* Calls @func with the path of each file of the host that the object needs, by the rules of its classes. */
void vt_object_each_needed_file(VtObject *object, void (*func)(const char *path, void *opaque), void *opaque);

/* ---- settle.c, place.c -------------------------------------------------------------------------------- */

void vt_object_settle(VtObject *object);
/* Settles one member of the top object before the others. */
void vt_object_settle_prop(VtObject *object, const VtProp *prop);
/* The entry of the member's default that is in force for this object, or NULL.  @without: a feature to treat as
 * missing, or 0. */
const VtEntry *vt_object_resolve(const VtObject *object, const VtProp *prop, uint16_t without);
/* Returns whether the condition of the entry (a class that a reference must have) holds for this object. */
bool vt_object_condition_holds(const VtObject *object, const VtProp *prop, const VtEntry *entry);
/* The bus that the config names, or NULL. */
VtBus *vt_place_named_bus(const VtObject *object);
/* Returns whether the config sets the address of the device. */
bool vt_place_is_fixed(const VtObject *object);
/* Owners of buses that a device with the bus type of @object can use if it names no bus, in order of creation.  The
 * caller frees the array. */
GPtrArray *vt_place_providers(const VtObject *object);
bool vt_place_suits(const VtBus *bus, const VtObject *object); /* compares types only */
VtBus *vt_place_oldest(const VtObject *object);                /* oldest bus that suits, or NULL */
/* Finds a bus with room for a device that names no bus, or returns NULL. */
VtBus *vt_place_search(VtObject *object);
bool vt_place_choose(VtObject *object, bool hotplug, GError **error);
/* The class of a device that the bus of @object requires first, or NULL. */
const char *vt_place_wants(VtObject *object);
/* Fails if the class or the bus of the device does not support hot-plug. */
bool vt_place_check_hotplug(const VtObject *object, GError **error);
bool vt_place_take(VtObject *object, GError **error);
void vt_place_leave(VtObject *object);
/* Reports that @bus, or a bus below it, may have room again. */
void vt_place_changed(VtBus *bus);
/* Numbers the objects without an id in @objects, by their addresses: the numbers do not depend on the order of the
 * command line. */
void vt_place_number(VtVm *vm, GPtrArray *objects);

/* ---- bus.c -------------------------------------------------------------------------------------------- */

/* Creates the buses that the object's class provides for its config, and adds them to the tree. */
void vt_buses_make(VtObject *object);
void vt_buses_free(VtObject *object);
/* The name of @bus if the id of its owner is @id.  The caller frees it. */
char *vt_bus_name_for(const VtBus *bus, const char *id);
/* Links the buses of the object and its embedded children below @bus; NULL: as roots. */
void vt_buses_link(VtObject *object, VtBus *bus);
void vt_buses_unlink(VtObject *object);             /* no effect on buses that are not linked */
int vt_buses_compare(const void *a, const void *b); /* by order of creation */

/* ---- syscalls.c --------------------------------------------------------------------------------------- */

/* Fails if the sandbox denies a group of system calls that every object of the class requires. */
bool vt_calls_check_class(const VtObject *object, GError **error);

/* ---- demand.c ----------------------------------------------------------------------------------------- */

/* Checks the demands of these objects only: the hot-plug path. */
bool vt_demands_check_objects(const VtVm *vm, VtObject *const *objects, size_t n, GError **error);

/* ---- plan.c, lifecycle.c ------------------------------------------------------------------------------ */

/* host-files.c: fails if the host lacks a file that the object reads at startup. */
bool vt_object_check_files(const VtObject *object, GError **error);

/* @func: see vt_vm_plan_each(); not called if @n is 0. */
bool vt_plan_batch(VtVm *vm, VtCreationFunc func, void *opaque, size_t n, bool hotplug, GPtrArray **ret_planned,
                   GError **error);
/* A VtCreationFunc for one creation.  @opaque: the VtCreation. */
bool vt_plan_one(size_t i, VtCreation *ret_creation, void *opaque, GError **error);
/* Unrealizes @object, removes it from its bus, the tree and the user lists, and frees it and the objects defined inside
 * its config.  Such an object stays if it has other users. */
void vt_object_remove(VtObject *object);
void vt_object_unrealize(VtObject *object);

/* Checks the types and the given members of objects, as vt_vm_check_life(). */
bool vt_objects_check_life(const VtLifeCheck *check, VtObject *const *objects, size_t n, GError **error);
