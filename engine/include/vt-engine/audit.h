/* SPDX-License-Identifier: MIT */
/*
 * Audit: where the devices of a running QEMU differ from the defaults of its machine.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-engine/client.h"
#include "vt-runtime/context.h"

/* What a client is connected to. */
typedef struct VtEngineRunning {
    char *target, *machine; /* machine: without the suffix of its type */
    uint32_t version[3];
} VtEngineRunning;

void vt_engine_running_clear(VtEngineRunning *running);
bool vt_engine_running_read(VtEngineClient *client, VtEngineRunning *ret_running, GError **error);

typedef struct VtEngineDeviation {
    char *path; /* of QOM */
    const VtProp *prop;
    json_object *value, *expected; /* expected: the default; NULL: none */
    const VtEntry *entry;          /* of the default; NULL: it has no history */
} VtEngineDeviation;

/*
 * Returns an array of VtEngineDeviation for the devices that a user created; the caller frees it. @ctx has the machine
 * and the release of the QEMU. Left out: references, addresses, sensitive members, and values that a device computes.
 * Returns NULL and sets @error if the connection is lost.
 */
GArray *vt_engine_audit(VtEngineClient *client, VtContext *ctx, GError **error);
