/* SPDX-License-Identifier: MIT */
/*
 * A VM, or the backends of a daemon: plans of objects to create, the object tree, and reports about both.
 *
 * A plan decodes the inputs, resolves defaults, binds references, settles derived values, validates, and assigns
 * addresses.  It takes no host resources.  Planned objects are in the tree, but not realized. vt_vm_realize() realizes
 * all of them, or none.  Main thread only.
 */
#pragma once

#include "vt-runtime/bus.h"
#include "vt-runtime/input.h"

/* Takes ownership of @ctx, also on failure.  If @ctx names a machine, creates the machine object and its buses.  Its
 * members are the defaults, overridden by each of @machine_inputs in turn.  The inputs are borrowed.  Returns NULL on
 * error. */
VtVm *vt_vm_new(VtContext *ctx, VtInput *const *machine_inputs, size_t n_machine_inputs, GError **error);
void vt_vm_free(VtVm *vm); /* unrealizes and frees all objects; NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVm, vt_vm_free)
VtContext *vt_vm_context(const VtVm *vm);
VtObject *vt_vm_machine(const VtVm *vm); /* NULL: no machine */

/* One object to create. */
typedef struct VtCreation {
    const VtClassInfo *root;
    VtInput *input;
    const VtClassInfo *class; /* NULL: @input names the class; otherwise @input has members only */
    const VtOption *option;   /* with @class: the option of its model, or NULL */
    char *model;              /* with @class: the model name that the option uses; NULL without @option */
    bool made;                /* of another option or by default, so no option of its own creates it */
    bool of_board;            /* a part of the board, whose address precedes those of other devices */
    const char *id, *where; /* with @class and without @option: the id or NULL, and the position for errors; borrowed */
} VtCreation;

/*
 * Plans a batch of objects.  Decodes the inputs, binds references to objects of the batch and of the tree, and orders
 * the objects by references.  Then settles, validates, and assigns addresses (configured addresses first).  Fails if an
 * id is missing, repeated or part of a cycle; the tree is then unchanged.  Frees the input and the model of each
 * creation, also on failure.  *ret_planned (optional) lists the planned objects in order; the caller frees the array,
 * not the objects.
 */
bool vt_vm_plan(VtVm *vm, const VtCreation *creations, size_t n, GPtrArray **ret_planned, GError **error);
/* Provides creation @i of a batch.  A NULL root: there is no such creation.  Returns false on error. */
typedef bool (*VtCreationFunc)(size_t i, VtCreation *ret_creation, void *opaque, GError **error);
/* Plans a batch of at most @n creations.  Calls @func for one after another, and frees the input of each before the
 * next call: a large batch has one input in memory. */
bool vt_vm_plan_each(VtVm *vm, VtCreationFunc func, void *opaque, size_t n, GError **error);
/* Whether the class of @object, and the classes of its embedded children, have an implementation. */
bool vt_object_has_model(const VtObject *object);
/* Returns an object whose class has no model, or one that is a fallback; NULL: none. */
const VtObject *vt_vm_without_full_model(const VtVm *vm);
/* Realizes all planned objects in order.  On failure, unrealizes and deletes all of them, except the machine and
 * objects that the machine refers to, which stay planned. */
bool vt_vm_realize(VtVm *vm, GError **error);
/* Realizes the planned objects of @kind, what they refer to, and the objects of the kind @users that refer to them.
 * Others stay planned, and so do objects that vt_vm_create() makes, until vt_vm_realize(). */
bool vt_vm_realize_first(VtVm *vm, const char *kind, const char *users, GError **error);
/* Replaces all planned objects and the machine, by those of another context and other creations.  Realized objects stay
 * as they are; @func leaves them out.  Takes ownership of @ctx.  After a failure, only this function and vt_vm_free()
 * may be called. */
bool vt_vm_plan_again(VtVm *vm, VtContext *ctx, VtInput *const *machine_inputs, size_t n_machine_inputs,
                      VtCreationFunc func, void *opaque, size_t n, GError **error);
/* Whether commands will add objects before vt_vm_realize(): VtOps.validate() then accepts what they may complete. */
void vt_vm_set_incomplete(VtVm *vm, bool incomplete);
bool vt_vm_is_incomplete(const VtVm *vm);
/* Returns whether the host has the files that planned objects read at startup. vt_vm_realize() includes this check. */
bool vt_vm_check_files(const VtVm *vm, GError **error);
/* Returns whether the host has the files, directories and permissions that the paths of planned objects need. Opens
 * nothing.  The error has a line for each path. */
bool vt_vm_check_paths(const VtVm *vm, GError **error);
bool vt_object_check_paths(VtObject *object, GError **error); /* the same of one object */
/* As vt_vm_check_paths(), for the value @text of @row, which the argument or object @where has. */
void vt_path_check(const VtSchema *schema, const VtLayer *layer, const VtRow *row, const char *text, const char *where,
                   GError **errors);
/* Plans one object, checks its demands, and realizes it: the hot-plug path.  Takes @input.  @hotplug: apply the
 * hot-plug rules of classes and buses.  If other planned objects are not realized yet, the new object stays planned
 * too.  @ret_object (optional) is borrowed. */
bool vt_vm_create(VtVm *vm, const VtClassInfo *root, VtInput *input, bool hotplug, VtObject **ret_object,
                  GError **error);
/* Deletes an object.  Fails if it does not exist or is in use (the error names the first user).  Also fails for a
 * realized device without hot-unplug support.  @kind: "object", "device", "netdev", "block-node". */
bool vt_vm_delete(VtVm *vm, const char *kind, const char *id, GError **error);
/* Calls @func for each object of a kind: first objects without an id, in order of creation, then the others in no
 * defined order.  Stops when @func returns false.  @func must not create or delete objects. */
typedef bool (*VtObjectFunc)(VtObject *object, void *opaque);
void vt_vm_each(const VtVm *vm, const char *kind, VtObjectFunc func, void *opaque);
/* All objects but embedded children, each after those that it refers to.  The caller frees the array. */
GPtrArray *vt_vm_in_order(const VtVm *vm);
VtObject *vt_vm_find(const VtVm *vm, const char *kind, const char *id);
VtBus *vt_vm_find_bus(const VtVm *vm, const char *name);
/* Finds an object by an absolute or partial QOM path.  Returns NULL if there is none or the path is ambiguous. */
VtObject *vt_vm_resolve_path(const VtVm *vm, const char *path);
/* Calls @func with the name and type of each child and bus of an object, or of each entry of a container.  The type of
 * a container is "container".  Returns false if @path is neither an object nor a container. */
typedef void (*VtTreeFunc)(const char *name, const char *type, void *opaque);
bool vt_vm_each_child(const VtVm *vm, const char *path, VtTreeFunc func, void *opaque);
/* Every object with its key: "/machine" first, then by kind and key.  The key is the id, "device[0]" without an id, or
 * "kind:id" if two kinds use the id.  The caller frees the array. */
typedef struct VtEntryKey {
    char *key;
    VtObject *object;
} VtEntryKey;
GArray *vt_vm_objects(const VtVm *vm); /* of VtEntryKey; the array owns the keys */

/* Checks the names of the machine, of the objects and of their given members, at any depth.  Adds a warning for each
 * -global that no object uses. */
bool vt_vm_check_life(const VtVm *vm, const VtLifeCheck *check, GError **error);
/* Checks the names that vt_vm_create() uses, from now on.  @check is borrowed; NULL: no check. */
void vt_vm_set_life_check(VtVm *vm, const VtLifeCheck *check);

/*
 * Holds: conditions that startup waits for, such as a client connection.  @what describes the condition for the user.
 * An object has at most one hold.  Fails after vt_vm_started().
 */
bool vt_vm_hold(VtObject *object, const char *what, GError **error);
void vt_vm_unhold(VtObject *object);       /* no effect without a hold */
const char *vt_vm_held_by(const VtVm *vm); /* description of the oldest hold; NULL: none */
void vt_vm_started(VtVm *vm);

/* Data of a part of the program for this VM.  @key: the address of a static variable of that part. */
void *vt_vm_slot(const VtVm *vm, const void *key); /* NULL: not set */
/* Takes ownership of @data, and frees earlier data. */
void vt_vm_set_slot(VtVm *vm, const void *key, void *data, GDestroyNotify free);

/* Events that running objects emit.  The function takes ownership of @data, which may be NULL. */
typedef void (*VtEventFunc)(const char *name, json_object *data, void *opaque);
void vt_vm_set_event_func(VtVm *vm, VtEventFunc func, void *opaque); /* NULL: discard events */
/* Emits an event.  Takes ownership of @data. */
void vt_vm_event(const VtVm *vm, const char *name, json_object *data);

/* A notice: one line of text for the user, which the program prints. */
typedef void (*VtNoticeFunc)(const char *line, void *opaque);
void vt_vm_set_notice_func(VtVm *vm, VtNoticeFunc func, void *opaque); /* NULL: discard notices */
void vt_vm_notice(const VtVm *vm, const char *line);

/* Requests the end of the program.  @reason is the member 'reason' of the event SHUTDOWN; static text. */
typedef void (*VtQuitFunc)(const char *reason, void *opaque);
void vt_vm_set_quit_func(VtVm *vm, VtQuitFunc func, void *opaque);
void vt_vm_quit(const VtVm *vm, const char *reason);

/* ---- processors (parts.c) ------------------------------------------------------------------------------ */

/* The processor that the tree has; NULL: none. */
VtObject *vt_vm_processor(const VtVm *vm);
/* The processors that the machine starts with.  The tree of objects describes one of them at most; the others are made
 * when a client looks at them. */
typedef struct VtProcessorOps {
    /* The number of processors, or of cores that consist of threads(). */
    unsigned (*count)(const void *opaque);
    /* The number of processors in a core; 0: they are no parts of cores. */
    unsigned (*threads)(const void *opaque);
    /* The class of the processors, or of the cores: a name. */
    const char *(*type)(bool thread, const void *opaque);
    /* @thread: the processor of core @number; -1: the core, or the processor if it is no part of one. Borrowed. */
    VtObject *(*get)(unsigned number, int thread, void *opaque);
    void (*free)(void *opaque); /* called before the VM frees its objects */
} VtProcessorOps;
void vt_vm_set_processors(VtVm *vm, const VtProcessorOps *ops, void *opaque);
/* The path of processor or core @number, and of a processor of the core at @core.  The caller frees it. */
char *vt_vm_processor_path(unsigned number);
char *vt_vm_thread_path(const char *core, unsigned thread);
/* A VM with the context and the machine of @vm, which must outlive it, for objects that take no part in @vm. */
VtVm *vt_vm_new_aside(VtVm *vm);

/* ---- runners ------------------------------------------------------------------------------------------- */

/* A runner has objects of the VM in place of this process; usually it is another process.  Such an object is settled,
 * placed and checked as any other, but takes no resources here: the functions of its class (VtOps.realize, unrealize
 * and set) are not called. */
typedef struct VtRunnerOps {
    /* Whether the runner has the object.  Called when it is realized. */
    bool (*has)(const VtObject *object, void *opaque);
    /* Creates @object in the runner, for vt_vm_create().  May wait, see vt-runtime/await.h: the whole creation is then
     * undone, and runs again. */
    bool (*create)(VtObject *object, void *opaque, GError **error);
    /* Deletes @object in the runner, before it is deleted here.  May wait. */
    bool (*remove)(VtObject *object, void *opaque, GError **error);
} VtRunnerOps;
/* Call it before vt_vm_realize().  The runner has all objects that vt_vm_realize() then realizes, if has() returns
 * true. */
void vt_vm_set_runner(VtVm *vm, const VtRunnerOps *ops, void *opaque);
/* Whether a runner has the realized object. */
bool vt_object_runs_elsewhere(const VtObject *object);
/* The type of the sockets that connect a runner to @object, as SOCK_STREAM; 0: it cannot be served. */
int vt_object_serve_type(const VtObject *object);
/* Serves the realized object on @fd, a connected and non-blocking socket, until it is unrealized. Takes ownership of
 * @fd. */
bool vt_object_serve(VtObject *object, int fd, GError **error);

/* ---- system calls (syscalls.c) ------------------------------------------------------------------------- */

/* A set of groups has one bit for each value of the schema's enum SyscallGroup. */

/* The groups of system calls that objects may require: of every class that has an implementation, and of the objects of
 * @vm. */
uint32_t vt_schema_calls(const VtSchema *schema);
uint32_t vt_vm_calls(const VtVm *vm);
/* Records that the sandbox denies @groups to the process.  Objects that require them fail from here on. */
void vt_vm_deny_calls(VtVm *vm, uint32_t groups);
/* For a class of which only some objects require @group: fails if the sandbox denies it.  @what names the object in the
 * error. */
bool vt_object_check_calls(const VtObject *object, unsigned group, const char *what, GError **error);

/* ---- reports (report.c) -------------------------------------------------------------------------------- */

/* {"machine": …, "target": …, "platform-version": …, "objects": {key: {"type", "properties"}}}; a new reference.
 * @settled: values after derivation; otherwise as configured. */
json_object *vt_vm_effective_config(const VtVm *vm, bool settled);

typedef enum VtOrigin {
    VT_ORIGIN_ABSENT,
    VT_ORIGIN_EXPLICIT,
    VT_ORIGIN_GLOBAL,
    VT_ORIGIN_DERIVED,
    VT_ORIGIN_MACHINE,
    VT_ORIGIN_PLATFORM,
    VT_ORIGIN_RELEASE, /* by the release of QEMU, for all versions */
    VT_ORIGIN_BASE,
} VtOrigin;
const char *vt_origin_name(VtOrigin origin);

typedef struct VtProvenance {
    VtOrigin from;
    const VtEntry *entry; /* entry of the default, also for a derived value; NULL: none */
    const VtLayer *layer; /* layer of @entry; NULL: none */
    VtAxis axis;
    const char *since, *why; /* NULL: none */
    const char *file;        /* position in the schema of the entry or member */
    unsigned line;
    const char *was; /* the origin of a value before it was frozen; its @since and @why are of that. NULL: none */
} VtProvenance;
VtProvenance vt_object_provenance(const VtObject *object, const VtProp *prop);
/* The origin of the configured value.  @provenance describes the settled value.  For a derived value, the result is the
 * origin of the default that requests the derivation. */
VtOrigin vt_provenance_configured(const VtProvenance *provenance);
/* Where a given value came from: "-device virtio-rng-pci,id=r", or the name of a command.  Borrowed; NULL: unknown. */
const char *vt_object_giver(const VtObject *object, const VtProp *prop);
/* Returns the value of a member as configured (before derivation) and as settled.  Each result is optional and a new
 * reference; NULL: no value, or JSON null. */
void vt_object_values(const VtObject *object, const VtProp *prop, unsigned output_flags, json_object **ret_configured,
                      json_object **ret_settled);
/* The settled value of the member @name, a new reference; NULL: the class lacks it, no value, or JSON null. */
json_object *vt_object_member(const VtObject *object, const char *name, unsigned output_flags);
/* Returns whether the member has a value, which may be JSON null. */
bool vt_object_reports(const VtObject *object, const VtProp *prop, bool settled);
/* {property: {"value", "from", "by", "axis", "since", "why", "configured", "settled"}}; a new reference. */
json_object *vt_object_explain(const VtObject *object, bool settled);

/* The object's creation with @members, {member: value}, as a configuration file has it: with the tag, the id if it has
 * one, and the members where the class has them.  Takes ownership of @members.  A new reference. */
json_object *vt_object_creation(const VtObject *object, json_object *members);

/* ---- demands ------------------------------------------------------------------------------------------- */

typedef struct VtDemand {
    uint16_t feature;
    const VtObject *object; /* the object that requires the feature */
    const VtProp *prop;     /* NULL: each object of its class requires the feature */
    VtAnswer answer;        /* whether the host has the feature */
} VtDemand;
GArray *vt_vm_demands(const VtVm *vm); /* of VtDemand; asks the platform for each answer; the caller frees the array */
/* "OBJECT.MEMBER", or "OBJECT" if no value of a member requires the feature.  The caller frees it. */
char *vt_demand_place(const VtDemand *demand);
/* The smallest override that removes the demand: "-object sev-guest,id=s,…,legacy-vm-type=on".  The caller frees the
 * text. */
char *vt_demand_override(const VtDemand *demand);
/* Fails on the first demand that the host does not meet.  The error names the feature, the newest platform version that
 * works (@newest_that_works, 0: none) and the smallest override.  If the answer is unknown, the check passes and
 * *ret_warning (optional) is a warning, which the caller frees; otherwise it is NULL. */
bool vt_vm_check_demands(const VtVm *vm, uint16_t newest_that_works, char **ret_warning, GError **error);
