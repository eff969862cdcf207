/* SPDX-License-Identifier: MIT */
/*
 * Introspection of a program whose VM an engine runs: what the engine has, and the commands that only this program has.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Each changes @engine, a list: the answer of the engine to the same command. */
void vt_qmp_merge_commands(const VtService *service, json_object *engine);
void vt_qmp_merge_schema(const VtService *service, json_object *engine);
