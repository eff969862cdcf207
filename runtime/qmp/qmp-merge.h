/* SPDX-License-Identifier: MIT */
/*
 * Introspection of a program whose VM an engine runs: what the engine has, and the commands that only this program has.
 */
#pragma once

#include "vt-runtime/monitor.h"

/* Each changes @engine, a list: the answer of the engine to the same command. */
void vt_qmp_merge_commands(const VtService *service, json_object *engine);
void vt_qmp_merge_schema(const VtService *service, json_object *engine);
/* Answers the command that runs with the answer of the engine, after @merge. */
bool vt_qmp_answer_merged(VtMonitor *monitor, void (*merge)(const VtService *service, json_object *engine),
                          GError **error);
/* Adds the entries of @from that @list lacks, by the text of their member @key. */
void vt_qmp_add_missing(json_object *list, json_object *from, const char *key);
