/* SPDX-License-Identifier: MIT */
/*
 * A VM (or a daemon of backends): the plan of what is to be created, the tree of what is, and what can be said of both.
 *
 * A plan is pure: it decodes, resolves, binds, settles, validates, places and orders, and takes nothing from the host.
 * Objects of a plan stand in the tree, created but not realized; vt_vm_realize() makes them real, all or none.
 */
#pragma once

#include "vt-runtime/bus.h"
#include "vt-runtime/input.h"

/* Takes @ctx.  With a machine in @ctx the machine object exists from here on, with the members of @machine_inputs laid
 * over its image, in their order, and its buses in place. */
VtVm *vt_vm_new(VtContext *ctx, VtInput *const *machine_inputs, size_t n_machine_inputs, GError **error);
void vt_vm_free(VtVm *vm); /* unrealizes and frees everything */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtVm, vt_vm_free)
VtContext *vt_vm_context(const VtVm *vm);
VtObject *vt_vm_machine(const VtVm *vm); /* NULL where there is none */

/* One thing to create: its input is taken, and its model. */
typedef struct VtCreation {
    const VtClassInfo *root;
    VtInput *input;
    const VtClassInfo *class; /* NULL: the input's tag says it; else the input is members alone */
    const VtOption *option;   /* with @class: the option that describes it, and by which name; NULL */
    char *model;              /* owned */
} VtCreation;

/*
 * Plans a batch: decode all, bind references over batch and tree (an id that is missing, repeated or part of a cycle is
 * an error), order by references, settle, validate, place (given addresses first).  On failure the tree is as it was.
 * On success the objects stand in the tree, planned; *ret_planned (optional, borrowed elements) lists them in order.
 */
bool vt_vm_plan(VtVm *vm, const VtCreation *creations, size_t n, GPtrArray **ret_planned, GError **error);
/* Realizes all planned objects in order; a failure unrealizes and removes every one of them. */
bool vt_vm_realize(VtVm *vm, GError **error);
/* Whether the host has the files that planned objects read at their start; vt_vm_realize() asks for itself. */
bool vt_vm_check_files(const VtVm *vm, GError **error);
/* vt_vm_plan, demands, vt_vm_realize for one; the hot-plug path.  @hotplug: bus rules for a running machine apply.
 * While others wait for vt_vm_realize(), it is planned and waits with them.  @ret_object (optional) is borrowed. */
bool vt_vm_create(VtVm *vm, const VtClassInfo *root, VtInput *input, bool hotplug, VtObject **ret_object,
                  GError **error);
/* Refuses with the first user named.  @kind: "object", "device", "netdev", "block-node". */
bool vt_vm_delete(VtVm *vm, const char *kind, const char *id, GError **error);
/* Those of a kind: first the ones without an id, in the order of their making.  @func says whether to go on. */
typedef bool (*VtObjectFunc)(VtObject *object, void *opaque);
void vt_vm_each(const VtVm *vm, const char *kind, VtObjectFunc func, void *opaque);
VtObject *vt_vm_find(const VtVm *vm, const char *kind, const char *id);
VtBus *vt_vm_find_bus(const VtVm *vm, const char *name);
/* By absolute or partial QOM path; NULL when there is none or it is ambiguous. */
VtObject *vt_vm_resolve_path(const VtVm *vm, const char *path);
/* Children of an object or container in the tree: (name, VtObject or NULL for a container) pairs. */
typedef void (*VtTreeFunc)(const char *name, const char *type, void *opaque);
bool vt_vm_each_child(const VtVm *vm, const char *path, VtTreeFunc func, void *opaque);
/* Every object with a key, machine first, then by kind and key: "device[0]", "kind:id" where ids collide. */
typedef struct VtEntryKey {
    char *key;
    VtObject *object;
} VtEntryKey;
GArray *vt_vm_objects(const VtVm *vm); /* of VtEntryKey; the array frees its keys */

/*
 * Holds: what has to come about before the start is over, such as a client that is waited for.  @what is for people. An
 * object holds once at a time.
 * Refused once vt_vm_started() was called: nothing waits any more.
 */
bool vt_vm_hold(VtObject *object, const char *what, GError **error);
void vt_vm_unhold(VtObject *object);       /* it has come about, or never will */
const char *vt_vm_held_by(const VtVm *vm); /* NULL: nothing holds */
void vt_vm_started(VtVm *vm);

/* What objects tell of themselves while they run.  The function gets @data (NULL: none) for its own. */
typedef void (*VtEventFunc)(const char *name, json_object *data, void *opaque);
void vt_vm_set_event_func(VtVm *vm, VtEventFunc func, void *opaque); /* NULL: nobody wants to know */
/* Takes @data. */
void vt_vm_event(const VtVm *vm, const char *name, json_object *data);

/* One line for the people who run the program, which prints it. */
typedef void (*VtNoticeFunc)(const char *line, void *opaque);
void vt_vm_set_notice_func(VtVm *vm, VtNoticeFunc func, void *opaque); /* NULL: nobody reads it */
void vt_vm_notice(const VtVm *vm, const char *line);

/* An object was told that all is to end: @reason as in the event SHUTDOWN. */
typedef void (*VtQuitFunc)(const char *reason, void *opaque);
void vt_vm_set_quit_func(VtVm *vm, VtQuitFunc func, void *opaque);
void vt_vm_quit(const VtVm *vm, const char *reason);

/* ---- system calls (syscalls.c) ------------------------------------------------------------------------- */

/* Groups are bits by the schema's enum SyscallGroup. */

/* What the schema says that the objects may need: of all that the program can make, and of those that there are. */
uint32_t vt_schema_calls(const VtSchema *schema);
uint32_t vt_vm_calls(const VtVm *vm);
/* The process has not got these: what needs them is refused from here on. */
void vt_vm_deny_calls(VtVm *vm, uint32_t groups);
/* For a class that needs @group for some objects alone: whether it is there; @what is what asks for it. */
bool vt_object_check_calls(const VtObject *object, unsigned group, const char *what, GError **error);

/* ---- what can be said of it (report.c) ----------------------------------------------------------------- */

/* {"machine": …, "target": …, "platform-version": …, "objects": {key: {"type", "properties"}}} */
json_object *vt_vm_effective_config(const VtVm *vm, bool settled);

typedef enum VtOrigin {
    VT_ORIGIN_ABSENT,
    VT_ORIGIN_EXPLICIT,
    VT_ORIGIN_GLOBAL,
    VT_ORIGIN_DERIVED,
    VT_ORIGIN_MACHINE,
    VT_ORIGIN_PLATFORM,
    VT_ORIGIN_BASE,
} VtOrigin;
const char *vt_origin_name(VtOrigin origin);

typedef struct VtProvenance {
    VtOrigin from;
    const VtEntry *entry; /* the default's entry, also behind a derived value; NULL: none */
    const VtLayer *layer; /* of entry */
    VtAxis axis;
    const char *since, *why; /* NULL: none */
    const char *file;        /* schema position of the entry or member */
    unsigned line;
} VtProvenance;
VtProvenance vt_object_provenance(const VtObject *object, const VtProp *prop);
/* Where the configured value comes from, where @provenance tells of the settled one: behind a derived value stands its
 * entry. */
VtOrigin vt_provenance_configured(const VtProvenance *provenance);
/* The member's value as configured, before late settling; @ret_settled after.  New references, NULL: absent, or null.
 */
void vt_object_values(const VtObject *object, const VtProp *prop, unsigned output_flags, json_object **ret_configured,
                      json_object **ret_settled);
/* Whether it has a value, which may be null. */
bool vt_object_reports(const VtObject *object, const VtProp *prop, bool settled);
/* {property: {"value", "from", "axis", "since", "why", "configured", "settled"}} */
json_object *vt_object_explain(const VtObject *object, bool settled);

/* ---- demands ------------------------------------------------------------------------------------------- */

typedef struct VtDemand {
    uint16_t feature;
    const VtObject *object; /* whose member resolves to it */
    const VtProp *prop;
    VtAnswer answer; /* the host's */
} VtDemand;
GArray *vt_vm_demands(const VtVm *vm); /* of VtDemand, answers asked of the platform */
/* The smallest thing to say that does away with the demand: "-object sev-guest,id=s,…,legacy-vm-type=on". */
char *vt_demand_override(const VtDemand *demand);
/* Fails on the first demand the host does not meet: names the capability, the newest platform version that would work
 * (@newest_that_works, 0: none) and the smallest explicit override.  Unknown answers pass with a warning in
 * *ret_warning. */
bool vt_vm_check_demands(const VtVm *vm, uint16_t newest_that_works, char **ret_warning, GError **error);
