/* SPDX-License-Identifier: MIT */
/*
 * Objects: configured instances of classes, in a tree, with references to each other.
 *
 * An object is planned (without host resources), created, realized, unrealized and finalized.  Main thread only.  After
 * realize, only members with the feature 'mutable' change.  A VtVm (vm.h) owns all objects.  Implementations of classes
 * use objects through this header only.
 */
#pragma once

#include "vt-runtime/context.h"
#include "vt-runtime/input.h"
#include "vt-runtime/ops.h"

typedef struct VtVm VtVm;
typedef struct VtBus VtBus;

/* Calls VtOps.fill_read_only of the class of @config and of its ancestors.  These compute the read-only members. */
void vt_config_fill_read_only(VtConfig *config);
/* For VtOps.fill_read_only: sets the read-only member @member to the value of the JSON text @json.  Asserts that the
 * class has the member and that the text is valid for it. */
void vt_config_set_read_only(VtConfig *config, const char *member, const char *json);

const VtClassInfo *vt_object_class(const VtObject *object);
bool vt_object_is_a(const VtObject *object, const char *class_name);
/* The value of the option that names a model, and created the object; NULL: it was created in another way. */
const char *vt_object_model(const VtObject *object);
const char *vt_object_id(const VtObject *object); /* NULL: none, or an embedded child */
/* The name for error messages: the id, or the type. */
const char *vt_object_display(const VtObject *object);
/* "sev-guest 'sev0'", for messages; an embedded child returns the title of its embedder.  The caller frees the text. */
char *vt_object_title(const VtObject *object);
/* The generated config struct of the object's class.  The struct of an embedded child is a part of its embedder's. */
const void *vt_object_config(const VtObject *object);
/* The same struct, to write read-only members. */
void *vt_object_writable_config(VtObject *object);
/* Return the config with its presence bits: for an embedded child, that of the embedder. */
const VtConfig *vt_object_full_config(const VtObject *object);
VtConfig *vt_object_writable_full_config(VtObject *object);
/* Returns whether the member has a value, which may be a default.  Asserts that the class has @member. */
bool vt_object_has(const VtObject *object, const char *member);
/* The settings of @text, a value of a member of the object whose scalar has the codec @codec. */
VtForm *vt_object_form(const VtObject *object, const VtCodec *codec, const char *text);
/* Returns the state of the class whose ops are @ops: VtOps.state_size bytes, initially zero.  Asserts that the object
 * has such a class. */
void *vt_object_state(VtObject *object, const VtOps *ops);
VtVm *vt_object_vm(const VtObject *object);
VtObject *vt_object_parent(const VtObject *object); /* embedder; the machine for other devices; else NULL */
/* Returns the buses that the object provides, borrowed. */
VtBus *const *vt_object_buses(const VtObject *object, size_t *ret_n);
VtBus *vt_object_bus(const VtObject *object); /* the bus that the object is plugged into, or NULL */
VtObject *vt_object_child(const VtObject *object, const char *name);
char *vt_object_path(const VtObject *object); /* QOM path; the caller frees it */
/* The name of its type of QOM; the caller frees it. */
char *vt_object_qom_type(const VtObject *object);
/* Whether the object is part of the definition of another one, as a block node below another. */
bool vt_object_is_inline(const VtObject *object);
/* The object inside whose definition, at any depth, @object is defined; @object itself if it is none. */
const VtObject *vt_object_outermost(const VtObject *object);
bool vt_object_realized(const VtObject *object);
bool vt_object_planned(const VtObject *object);    /* its plan is complete; also if it is realized */
bool vt_object_hotplugged(const VtObject *object); /* created by hot-plug */

/* Only for VtOps.refer: registers @object as the exclusive user of the object @id of class @class.  @path names the
 * member in errors.  Fails if the object does not exist, has another class, or has another exclusive user. */
bool vt_object_refer(VtObject *object, const char *path, const char *class, const char *id, GError **error);

/*
 * Indexes map values to objects of a VM, for example to check that a number is unique.  Each index has a name.  Entries
 * that VtOps.refer adds exist before the object model validates the first object.  The object model removes the entries
 * of an object when it deletes the object.  @name is static text.
 */
void vt_index_enter(VtObject *object, const char *name, uint64_t value);
void vt_index_leave(VtObject *object, const char *name);
/* Returns another object with the value, or NULL.  An embedder and its embedded children count as the same object. */
VtObject *vt_index_find(const VtObject *object, const char *name, uint64_t value);
/* Returns the lowest unused value that is at least @from. */
uint64_t vt_index_free_value(VtVm *vm, const char *name, uint64_t from);

/* Sets an integer-like or string member to a derived value.  @value of a string may be NULL: no value.  Returns false
 * and changes nothing if the config or -global sets the member.  The class has @member. */
bool vt_object_settle_uint(VtObject *object, const char *member, uint64_t value);
/* As vt_object_settle_uint(), also if the config or -global sets the member: for values that cannot be. */
void vt_object_force_uint(VtObject *object, const char *member, uint64_t value);
bool vt_object_settle_str(VtObject *object, const char *member, const char *value);

/*
 * Claims: how a user accesses a backend.  A user claims the backend before it uses it.  A claim fails if the claim of
 * another user excludes it; the error names that user.
 */
typedef struct VtClaim {
    const char *ramblock_name; /* memory backends: name of the RAM block for migration; NULL: none */
    int merge, dump;           /* memory backends: merge pages, include in dumps; -1: the backend decides */
    bool read_only;            /* block nodes: the user does not write */
    bool share;                /* block nodes: other users may write */
    /* The user passes on the requests of other users: it excludes none of them, and its claim counts only as long as
     * there is no other. */
    bool serves;
} VtClaim;
/* Claims the target of @ref for @user; replaces an earlier claim of @user.  The reference is bound.  Fails if the claim
 * of another user excludes @claim, or VtOps.claim refuses it. */
bool vt_backend_claim(VtObject *user, const VtRef *ref, const VtClaim *claim, GError **error);
/* Releases all claims of @user.  Unrealizing an object releases its claims too. */
void vt_backend_release(VtObject *user);
/* Combines the claims of all users of @backend: read_only if no user writes, share if every user allows other writers.
 * Returns false if there is no claim. */
bool vt_backend_claims(const VtObject *backend, VtClaim *ret_claim);

/* A holder is a user without an object, such as an export.  @backend cannot be deleted until the caller passes the
 * holder to vt_backend_let_go().  Errors call the user @title, which is copied.  Returns NULL if the claim of another
 * user excludes @claim, or the backend refuses it. */
typedef struct VtHolder VtHolder;
VtHolder *vt_backend_hold(VtObject *backend, const char *title, const VtClaim *claim, GError **error);
void vt_backend_let_go(VtHolder *holder);

struct VtInput;
/* Takes over the value of a member, which a runner has changed.  The object runs elsewhere. */
bool vt_object_follow(VtObject *object, const char *member, struct VtInput *input, GError **error);
/* The same for a reference: the object now refers to @id; NULL: to none.  Fails if there is no such object, or if the
 * object that it refers to is defined inside it.  An object that runs here can lose a reference: its claims end, and
 * its VtOps no longer see a target. */
bool vt_object_follow_ref(VtObject *object, const VtProp *prop, const char *id, GError **error);
/* The same for a member that has lost its value: it takes its default.  References stay. */
void vt_object_follow_default(VtObject *object, const VtProp *prop);

/* Sets a mutable member to the value of @input, which is borrowed.  For a realized object, calls VtOps.set.  Restores
 * the old value if VtOps.set fails.  Fails if the member is unknown, read-only or immutable. */
bool vt_object_set(VtObject *object, const char *member, struct VtInput *input, GError **error);
