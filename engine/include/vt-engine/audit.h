/* SPDX-License-Identifier: MIT */
/*
 * Audit: where a running QEMU differs from the defaults of its machine, or from the VM that was expected.
 */
#pragma once

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-engine/client.h"
#include "vt-runtime/vm.h"

typedef struct VtEngineDeviation {
    char *path;                    /* of QOM */
    const char *property;          /* "type": one side lacks the whole object */
    json_object *value, *expected; /* NULL: none */
} VtEngineDeviation;

/* What the QEMU is compared with. */
typedef struct VtEngineAuditTerms {
    VtContext *ctx;    /* its machine and release, without globals */
    const VtVm *given; /* the VM of its command line, which states what the user set; NULL: not known */
    const VtVm
        *lean; /* as @given, without values that the user set and that would otherwise depend on others; or NULL */
    const VtVm *wanted; /* the VM that is expected, in place of the defaults; or NULL */
} VtEngineAuditTerms;

/*
 * Returns an array of VtEngineDeviation for the machine and the devices that a user created; with a wanted VM, also for
 * its objects. The caller frees it. Left out: references, addresses, sensitive members, and values that the QEMU
 * chooses if the user sets none. Returns NULL and sets @error if the connection is lost.
 */
GArray *vt_engine_audit(VtEngineClient *client, const VtEngineAuditTerms *terms, GError **error);
