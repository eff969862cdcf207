/* SPDX-License-Identifier: MIT */
/*
 * What a QEMU that another program started runs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vt-engine/client.h"

typedef struct VtEngineRunning {
    char *target, *machine; /* machine: without the suffix of its type */
    uint32_t version[3];
} VtEngineRunning;

void vt_engine_running_clear(VtEngineRunning *running);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtEngineRunning, vt_engine_running_clear)
bool vt_engine_running_read(VtEngineClient *client, VtEngineRunning *ret_running, GError **error);
