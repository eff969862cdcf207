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
/* The schema of this program for @target, as a list. */
json_object *vt_qmp_own_schema(const VtProgram *program, uint16_t target);
/* Whether a part of the schema is hidden, which vt_qmp_hide_in_schema() removes. */
bool vt_qmp_hides_schema(const VtService *service);
void vt_qmp_hide_in_schema(json_object *schema);
/* Adds the entries of @from that @list lacks, by the text of their member @key. */
void vt_qmp_add_missing(json_object *list, json_object *from, const char *key);
