/* SPDX-License-Identifier: MIT */
/*
 * Ops: what a class does, called by the object model (object.h).
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtConfig VtConfig;
typedef struct VtClaim VtClaim;

/*
 * A class's behaviour.  refer, validate, check_place and realize run from the root class's to the leaf's, then the
 * embedded children's; unrealize in reverse.  set runs for the object, then for the child that has the member; report,
 * claim and released for the object alone. Every member may be NULL.
 */
struct VtOps {
    size_t state_size; /* zeroed memory of the class itself, vt_object_state() */
    /* Says what read-only members follow from the others, by vt_config_set_read_only().  Of a config, object or not. */
    void (*fill_read_only)(VtConfig *config);
    /* Enters what texts of its config refer to, by vt_object_refer().  A text that can't be read is let pass: validate
     * tells. */
    bool (*refer)(VtObject *object, GError **error);
    /* Checks the settled config, without host resources.  Runs before the device takes its place on a bus. */
    bool (*validate)(VtObject *object, GError **error);
    /* Checks what depends on the place and on references, without host resources.  Runs when the object has its place;
     * objects that are planned after it have none yet. */
    bool (*check_place)(VtObject *object, GError **error);
    /* Takes host resources.  After a failure it is not unrealized itself; what was realized before it is. */
    bool (*realize)(VtObject *object, GError **error);
    void (*unrealize)(VtObject *object);
    /* The mutable member @prop of a realized object has a new value in its config.  False: the old value is restored.
     */
    bool (*set)(VtObject *object, const VtProp *prop, GError **error);
    void (*finalize)(VtObject *object); /* frees what state holds */
    /* Backends: a user claims the object, or changes its claim, by vt_backend_claim().  False: the claim is undone. */
    bool (*claim)(VtObject *object, const VtClaim *claim, GError **error);
    /* A claim was given up, and others may remain. */
    void (*released)(VtObject *object);
};
