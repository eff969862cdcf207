/* SPDX-License-Identifier: MIT */
/*
 * Objects: configured instances of classes, in a tree, with references and users.
 *
 * plan (pure) → create → realize → unrealize → finalize.  Main thread only.  Config is immutable after realize
 * except for mutable members.  A VtVm (vm.h) owns the tree; behaviour sees objects only through this header.
 */
#pragma once

#include "vt-runtime/context.h"
#include "vt-runtime/ops.h"

typedef struct VtVm VtVm;
typedef struct VtBus VtBus;

/* The behaviour of the class fills in read-only members that follow from the others; see VtOps.fill_read_only. */
void vt_config_fill_read_only(VtConfig *config);
/* For that: gives a read-only member the value of JSON text that fits it; one that the target has not stays away. */
void vt_config_set_read_only(VtConfig *config, const char *member, const char *json);

const VtClassInfo *vt_object_class(const VtObject *object);
bool vt_object_is_a(const VtObject *object, const char *class_name);
const char *vt_object_id(const VtObject *object); /* NULL: anonymous */
/* The name errors use: the id, or the type. */
const char *vt_object_display(const VtObject *object);
/* "sev-guest 'sev0'", for messages; owned by the caller. */
char *vt_object_title(const VtObject *object);
/* The config struct of the object's class; an embedded child's points into its embedder's. */
const void *vt_object_config(const VtObject *object);
/* The same, for members that are read-only: what the object says of itself. */
void *vt_object_writable_config(VtObject *object);
VtConfig *vt_object_full_config(VtObject *object); /* an embedded child has its embedder's */
/* Whether there is a value: the default's, where the member has one. */
bool vt_object_has(VtObject *object, const char *member);
/* The part of the config that class @name (an ancestor, or the class itself) declares starts at the object's config. */
void *vt_object_state(VtObject *object, const VtOps *ops); /* of the class with these ops */
VtVm *vt_object_vm(const VtObject *object);
VtObject *vt_object_parent(const VtObject *object); /* tree parent: embedder, or container */
VtBus *vt_object_bus(const VtObject *object);       /* where it sits; NULL */
VtObject *vt_object_child(const VtObject *object, const char *name);
char *vt_object_path(const VtObject *object); /* QOM path, owned by the caller */
bool vt_object_realized(const VtObject *object);
bool vt_object_hotplugged(const VtObject *object); /* made for a machine that was there already */

/* Only for VtOps.refer: as a member that is a reference, exclusive, to the object of @class that is called @id.  @path
 * names the member in errors. */
bool vt_object_refer(VtObject *object, const char *path, const char *class, const char *id, GError **error);

/*
 * Indexes, by name: which objects of a VM have a value, for rules that hold among all of a kind.  What refer enters is
 * known before the first object is validated.  An object leaves by itself when it goes.
 */
void vt_index_enter(VtObject *object, const char *name, uint64_t value);
void vt_index_leave(VtObject *object, const char *name);
/* Another object with the value, or NULL.  An embedder and what is embedded in it are not others. */
VtObject *vt_index_find(const VtObject *object, const char *name, uint64_t value);
/* The lowest value from @from on that no object has. */
uint64_t vt_index_free_value(VtVm *vm, const char *name, uint64_t from);

/* Settles an integer-like or string member late: it then counts as derived.  Ignored (returns false) where the member
 * was given or set by -global. */
bool vt_object_settle_uint(VtObject *object, const char *member, uint64_t value);
bool vt_object_settle_str(VtObject *object, const char *member, const char *value);

/*
 * Claims: what a backend leaves to its user.  A user claims before first use; an exclusive claim by a second user
 * fails and names the first.
 */
typedef struct VtClaim {
    const char *ramblock_name; /* memory backends; NULL: none */
    int merge, dump;           /* -1: leave alone */
    bool read_only;            /* block nodes: the user only reads */
    bool share;                /* block nodes: other writers are allowed */
} VtClaim;
bool vt_backend_claim(VtObject *user, const VtRef *ref, const VtClaim *claim, GError **error);
/* Gives up all claims of @user; unrealizing it does so by itself. */
void vt_backend_release(VtObject *user);
/* For the behaviour of a backend: what all its users together leave to others.  False where there are none. */
bool vt_backend_claims(const VtObject *backend, VtClaim *ret_claim);

/* A user that is no object itself, as an export is none: it keeps @backend from being deleted until it lets go, and
 * messages call it @title.  NULL when others' claims exclude @claim. */
typedef struct VtHolder VtHolder;
VtHolder *vt_backend_hold(VtObject *backend, const char *title, const VtClaim *claim, GError **error);
void vt_backend_let_go(VtHolder *holder);

/* Sets a mutable member to the value of @input and tells the behaviour; a refusal restores the old value. */
struct VtInput;
bool vt_object_set(VtObject *object, const char *member, struct VtInput *input, GError **error);
