/* SPDX-License-Identifier: MIT */
/*
 * Ops: the behaviour of a class, which the object model (object.h) calls.
 */
#pragma once

#include "vt-runtime/schema.h"

typedef struct VtConfig VtConfig;
typedef struct VtClaim VtClaim;

/* Backends: how this process serves a realized object to the process that runs the guest. */
typedef struct VtServeOps {
    int type; /* of the sockets: SOCK_STREAM or SOCK_DGRAM */
    /* Serves the object on a connected, non-blocking socket, until stop(). Takes ownership of the socket, also on
     * failure. Returns the service, or NULL. */
    void *(*start)(VtObject *object, int fd, GError **error);
    void (*stop)(void *service);
} VtServeOps;

/*
 * The behaviour of a class. Every member may be NULL.
 *
 * @refer, @validate, @check_place and @realize run from the root class to the leaf class, then for the embedded
 * children. @unrealize runs in reverse order. @set runs for the object, then for the child with the member. @claim
 * and @released run for the object only. Main thread only. Functions with @error return false and set it on failure.
 */
struct VtOps {
    size_t state_size; /* size in bytes of the class's own state (vt_object_state()), which starts zeroed */
    /* Sets the read-only members that follow from other members, with vt_config_set_read_only(). The config may belong
     * to no object. */
    void (*fill_read_only)(VtConfig *config);
    /* Adds references from strings of the config, with vt_object_refer(). Ignores a malformed string: @validate reports
     * it. */
    bool (*refer)(VtObject *object, GError **error);
    /* Checks the settled config without host resources, before the device gets its place on a bus. */
    bool (*validate)(VtObject *object, GError **error);
    /* Checks the place and the references, without host resources. The object has its place; objects that are created
     * later have none yet. */
    bool (*check_place)(VtObject *object, GError **error);
    /* Takes host resources. If it fails, releases what it took: @unrealize runs only for the parts that were realized
     * before. */
    bool (*realize)(VtObject *object, GError **error);
    void (*unrealize)(VtObject *object);
    /* Applies the new value of the mutable member @prop of a realized object, which is in its config. If it returns
     * false, the old value is restored. */
    bool (*set)(VtObject *object, const VtProp *prop, GError **error);
    void (*finalize)(VtObject *object); /* frees what the state owns */
    /* Backends: another object claims this object, or changes its claim, with vt_backend_claim(). If it returns false,
     * the claim is undone. */
    bool (*claim)(VtObject *object, const VtClaim *claim, GError **error);
    /* Called after a claim was released; other claims may remain. */
    void (*released)(VtObject *object);
    const VtServeOps *serve; /* NULL: as the class above it */
};
