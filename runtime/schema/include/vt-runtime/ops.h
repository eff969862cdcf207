/* SPDX-License-Identifier: MIT */
/*
 * Ops: what a class does, called by the object model (object.h).
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtConfig VtConfig;
typedef struct VtClaim VtClaim;

/*
 * A class's behaviour.  refer, validate, claim and realize run from the root class's down to the leaf's, then the
 * embedded children's; unrealize in reverse.  Every member may be NULL.
 */
struct VtOps {
    size_t state_size; /* zeroed memory of the class itself, vt_object_state() */
    /* Says what read-only members follow from the others, by vt_config_tell_member().  Of a config, object or not. */
    void (*tell)(VtConfig *config);
    /* Enters what texts of its config refer to, by vt_object_refer().  A text that can't be read is let pass: validate
     * tells. */
    bool (*refer)(VtObject *object, GError **error);
    /* Checks settled config.  Pure: no host resources.  Runs before the device takes its place. */
    bool (*validate)(VtObject *object, GError **error);
    /* Pure, after placement: checks that need the bus and references. */
    bool (*check_place)(VtObject *object, GError **error);
    bool (*realize)(VtObject *object, GError **error); /* takes host resources */
    void (*unrealize)(VtObject *object);
    /* A mutable member changed: @old is its value before.  Refusing restores it. */
    bool (*set)(VtObject *object, const VtProp *prop, GError **error);
    void (*finalize)(VtObject *object); /* frees what state holds */
    /* Backends: a user has claimed the object (see vt_backend_claim()), which is realized.  Refusing undoes the claim.
     */
    bool (*claim)(VtObject *object, const VtClaim *claim, GError **error);
    /* A claim was given up, and others may remain. */
    void (*released)(VtObject *object);
};
