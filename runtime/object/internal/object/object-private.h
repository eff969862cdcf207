/* SPDX-License-Identifier: MIT */
/*
 * What the files of the object model know of each other.
 */
#pragma once

#include "resolve/context-private.h"
#include "vt-runtime/vm.h"

/* Somebody holds a reference to the object. */
typedef struct VtUse {
    GList link;             /* in the object's users */
    VtObject *user;         /* NULL: see holder */
    const VtHolder *holder; /* a user without an object */
    const char *member;
    bool exclusive;
} VtUse;

/* What an object refers to. */
typedef struct VtTarget {
    VtObject *object;
    VtUse *use; /* owned; NULL: of a bus or an embedder, which do not count as used */
} VtTarget;

typedef struct VtClaimRecord {
    GList link;       /* in VtClaims.records */
    const void *user; /* the VtObject, or the VtHolder */
    bool is_holder;
    VtClaim claim;
} VtClaimRecord;

/* Who claims one backend. */
typedef struct VtClaims {
    GQueue records;      /* of VtClaimRecord, in order */
    GHashTable *by_user; /* the same */
    guint n[2][2];       /* how many, by read_only and share */
} VtClaims;

/* A user without an object. */
struct VtHolder {
    VtObject *target;
    VtUse *use;
    char *title;
};

typedef enum VtLateState { VT_LATE_NEW, VT_LATE_BUSY, VT_LATE_DONE } VtLateState;

/* What the late steps did to one member of one object; the configured value is kept beside. */
typedef struct VtLate {
    uint16_t prop; /* of the top object's class */
    uint8_t state; /* VtLateState */
    bool used;     /* false: an empty place */
    bool derived;  /* settled: the member's value is no longer the configured one */
    bool has_copy;
    bool was_present;
    const VtEntry *entry; /* a when-ref entry that holds for this object, or the image's */
    union {
        uint64_t words[3];
        void *pointer; /* a value that does not fit */
    } copy;
} VtLate;

typedef struct VtIndexEntry VtIndexEntry; /* index.c */
typedef struct VtNumbers VtNumbers;       /* number-bus.c */

typedef enum VtStage { VT_STAGE_NEW, VT_STAGE_PLANNED, VT_STAGE_REALIZED } VtStage;

struct VtObject {
    VtVm *vm;
    const VtClassPrivate *class;
    VtConfig *config; /* an embedded child's is its embedder's */
    void *data;
    uint32_t base;   /* of data in the config */
    uint32_t number; /* anonymous objects: 1 + N of "device[N]"; 0: none yet */
    uint32_t serial; /* order of making, which is that of the command line */
    VtObject *embedder;
    VtObject **children; /* by the class's children */
    VtBus **provides;    /* those of the class's buses that there are */
    uint32_t n_provides;
    VtBus *bus;         /* chosen, and once placed, its place */
    VtNumbers *numbers; /* its place on a bus of numbers; NULL: none */
    GQueue users;       /* of VtUse */
    VtUse *exclusive;   /* the one of them that lets no other exclusive user in; NULL */
    GArray *targets;    /* of VtTarget; NULL while there are none */
    GPtrArray *inlines; /* objects made from definitions inside its config; NULL: none */
    GArray *late;       /* of VtLate, by the class's places; NULL while nothing was settled late */
    VtClaims *claims;   /* NULL: none */
    char *state;
    VtIndexEntry *entries; /* in indexes; NULL: none */
    GList link;            /* in VtVm.order */
    GList planned;         /* in VtVm.planned */
    GList nameless;        /* in VtKindMap.anonymous */
    uint32_t placement;    /* order of placing */
    uint8_t stage;         /* VtStage */
    uint8_t mark;          /* of the ordering walk */
    uint16_t turn;         /* in which it comes */
    bool owns_config;
    bool placed;
    bool waits; /* in VtVm.planned */
    bool done;  /* settled and, where it plugs, placed */
    bool hotplugged;
};

typedef struct VtBusPrivate {
    VtBus bus;           /* first: a VtBus * is cast to this */
    const VtBusOps *ops; /* NULL: no rules */
    VtBus *previous;     /* of the same name */
    VtBus *next;         /* of the same name */
    VtBus *above;        /* where its owner sits; NULL: a root, or not linked */
    GPtrArray *below;    /* of VtBus: those of its devices, oldest first; NULL: none */
    GArray *full;        /* of VtFull, by class; NULL: none */
    GHashTable *taken;   /* of VtNumbers; NULL: none */
    GHashTable *tried;   /* of Wish: where the next search begins; number-bus.c; NULL: none */
    uint32_t serial;     /* order of making */
    bool linked;         /* in a list of those below a bus, or of roots */
    bool internal;       /* made for the provider's own embedded child */
} VtBusPrivate;

/* One namespace of ids. */
typedef struct VtKindMap {
    const char *name;
    GHashTable *ids;     /* id to VtObject; keys are the configs' */
    GQueue anonymous;    /* of VtObject, in order of their making */
    GHashTable *numbers; /* number to anonymous VtObject */
    uint32_t next;       /* number of the next anonymous object */
} VtKindMap;

typedef struct VtHolds VtHolds; /* hold.c */

struct VtVm {
    VtContext *ctx;
    const VtSchema *schema;
    VtObject *machine;
    bool machine_pending;    /* it refers to objects that are yet to come */
    GArray *kinds;           /* of VtKindMap */
    GQueue order;            /* all planned objects, each after what it refers to */
    GQueue planned;          /* not yet realized, in order */
    GHashTable *buses;       /* bus type to GPtrArray of VtBus that devices may be plugged into, oldest first */
    GHashTable *bus_names;   /* name to the first VtBus called so */
    GPtrArray *roots;        /* of VtBus: the machine's own, oldest first */
    unsigned n_inverted;     /* buses whose owner sits on one that was made later */
    GHashTable *bus_numbers; /* stem to how many buses without an id there were */
    uint32_t serial;         /* of the next object or bus */
    uint32_t placement;      /* of the next device */
    GPtrArray *indexes;      /* of VtIndex; NULL: none */
    GHashTable *classes;     /* of VtClassPrivate: each that there was an object of */
    VtEventFunc event_func;  /* NULL: nobody wants to know */
    void *event_opaque;
    VtNoticeFunc notice_func; /* NULL: nobody reads it */
    void *notice_opaque;
    VtQuitFunc quit_func; /* NULL: nobody can end it */
    void *quit_opaque;
    VtHolds *holds;  /* NULL: there are none */
    bool started;    /* nothing waits any more */
    uint32_t denied; /* groups of system calls, as bits by SyscallGroup */
};

/* ---- object.c, late.c --------------------------------------------------------------------------------- */

/* Takes @config where @owns_config.  Children and buses are made with it; the bus names are entered in the tree. */
VtObject *vt_object_new(VtVm *vm, VtConfig *config, bool owns_config);
/* Neither in the tree nor in use any more. */
void vt_object_free(VtObject *object);
VtObject *vt_object_top(VtObject *object);
/* Runs one step of the behaviour, from the root class's to the leaf's, then the embedded children's. */
typedef bool (*VtStep)(const VtOps *ops, VtObject *object, GError **error);
bool vt_object_run(VtObject *object, VtStep step, GError **error);

/* The record of the top object's member @index; made, with a copy of the configured value, where @create. */
VtLate *vt_late_get(VtObject *object, size_t index, bool create);
/* What stands in the config is the configured value from now on. */
void vt_late_forget(VtObject *object, size_t index);
void vt_late_clear(VtObject *object);
/* Puts every configured value back. */
void vt_late_reset(VtObject *object);
/* The configured value: the copy, or what stands in the config. */
const void *vt_late_configured(const VtObject *object, size_t index, bool *ret_present);
/* The top object's member that is @prop of @object's own class. */
const VtProp *vt_object_map_prop(const VtObject *object, const VtProp *prop);
bool vt_object_fixed(const VtObject *object, const VtProp *prop); /* given, or set by -global */
void vt_object_set_target(VtObject *object, VtRef *ref, VtObject *target);

/* ---- tree.c, path.c ----------------------------------------------------------------------------------- */

VtKindMap *vt_objects_kind(const VtVm *vm, const char *kind);    /* NULL: nothing of that kind yet */
bool vt_objects_add(VtVm *vm, VtObject *object, GError **error); /* an id that is taken is an error */
void vt_objects_remove(VtVm *vm, VtObject *object);
void vt_objects_number(VtObject *object);      /* an anonymous object gets its number, for good */
char *vt_objects_name(const VtObject *object); /* ID, or KIND[N] */
void vt_objects_add_bus(VtVm *vm, VtBus *bus);
void vt_objects_remove_bus(VtVm *vm, VtBus *bus);
int vt_natural_compare(const char *a, const char *b);

/* ---- claim.c ------------------------------------------------------------------------------------------ */

void vt_claims_free(VtClaims *claims);

/* ---- index.c ------------------------------------------------------------------------------------------ */

/* Of the object and its embedded children. */
void vt_index_leave_all(VtObject *object);

/* ---- refs.c, order.c ---------------------------------------------------------------------------------- */

bool vt_refs_bind(VtObject *object, GError **error);
void vt_refs_unbind(VtObject *object);
/* Enters, and takes out, a user without an object. */
void vt_refs_hold(VtHolder *holder);
void vt_refs_let_go(VtHolder *holder);
/* "device 'v'": the first that uses @object, or NULL. */
char *vt_refs_first_user(const VtObject *object);
/* Sorts @objects so that each comes after what it refers to; devices with a given address before the others. */
bool vt_order_objects(GPtrArray *objects, GError **error);

/* ---- settle.c, place.c -------------------------------------------------------------------------------- */

void vt_object_settle(VtObject *object);
/* Settles one member of the (top) object ahead of the others. */
void vt_object_settle_prop(VtObject *object, const VtProp *prop);
/* The entry of the member's default that holds for this object; @without: a feature that counts as missing, or 0. */
const VtEntry *vt_object_resolve(const VtObject *object, const VtProp *prop, uint16_t without);
/* Whether the entry's need holds for this object at all. */
bool vt_object_condition_holds(const VtObject *object, const VtProp *prop, const VtEntry *entry);
/* The bus that the config names, or NULL. */
VtBus *vt_place_named_bus(const VtObject *object);
/* Whether the device says where on its bus it sits. */
bool vt_place_is_fixed(VtObject *object);
/* Owners of buses that a device of @object's bus type might go to, where it names none; in order of their making. */
GPtrArray *vt_place_providers(const VtObject *object);
bool vt_place_suits(const VtBus *bus, const VtObject *object); /* as far as types go */
VtBus *vt_place_oldest(const VtObject *object);                /* of the buses that suit, or NULL */
/* The bus of a device that names none, or NULL. */
VtBus *vt_place_search(VtObject *object);
bool vt_place_choose(VtObject *object, bool hotplug, GError **error);
/* The class of a device that its bus, which is chosen, takes before it; or NULL. */
const char *vt_place_wants(VtObject *object);
/* Whether the device may come, or go, while the machine runs. */
bool vt_place_check_hotplug(const VtObject *object, GError **error);
bool vt_place_take(VtObject *object, GError **error);
void vt_place_leave(VtObject *object);
/* There may be room on @bus, or below it, where there was none. */
void vt_place_changed(VtBus *bus);
/* Numbers the anonymous objects among @objects: by their places, so that their order here says nothing. */
void vt_place_number(VtVm *vm, GPtrArray *objects);

/* ---- bus.c -------------------------------------------------------------------------------------------- */

/* Makes the buses that the object's class provides, as its config has it, and enters them in the tree. */
void vt_buses_make(VtObject *object);
void vt_buses_free(VtObject *object);
/* What @bus is called when its owner's id is @id. */
char *vt_bus_name_for(const VtBus *bus, const char *id);
/* The buses of the object and its embedded children hang below @bus from now on; NULL: are roots. */
void vt_buses_link(VtObject *object, VtBus *bus);
void vt_buses_unlink(VtObject *object);             /* no longer; nothing where they never did */
int vt_buses_compare(const void *a, const void *b); /* by the order of their making */

/* ---- syscalls.c --------------------------------------------------------------------------------------- */

/* Whether the process still has the system calls that every object of the class needs. */
bool vt_calls_check_class(const VtObject *object, GError **error);

/* ---- demand.c ----------------------------------------------------------------------------------------- */

/* The demands of these objects alone: what comes to a VM that runs. */
bool vt_demands_check_objects(const VtVm *vm, VtObject *const *objects, size_t n, GError **error);

/* ---- plan.c, lifecycle.c ------------------------------------------------------------------------------ */

/* host-files.c: whether what the object reads at its start is there. */
bool vt_object_check_files(const VtObject *object, GError **error);

bool vt_plan_batch(VtVm *vm, const VtCreation *creations, size_t n, bool hotplug, GPtrArray **ret_planned,
                   GError **error);
/* Unrealized, out of its place, the tree and the lists of users, freed; and the definitions inside it. */
void vt_object_remove(VtObject *object);
void vt_object_unrealize(VtObject *object);
