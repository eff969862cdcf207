/* SPDX-License-Identifier: MIT */
/*
 * The parts of vintage check-migration: both ends, what hosts answer, and the answer.
 */
#pragma once

#include "tool-hosts.h"
#include "vt-runtime/contract.h"

/* One end of the migration: a VM, or the contract of one. */
typedef struct MigrationEnd {
    const char *name; /* in output */
    VtCommandLine *line;
    VtVm *vm;
    json_object *contract;
} MigrationEnd;

/* What the source needs of hosts, and what they answer. */
typedef struct MigrationHosts {
    json_object *needed; /* of the contract */
    uint16_t *features;  /* by index of @needed */
    ToolSome *no, *unknown;
    ToolSome lack, doubt; /* hosts that lack something, or may */
    ToolCount count;      /* of the VM; used if the source is one */
    guint64 n;
} MigrationHosts;

typedef struct Migration {
    VtSchema *schema;
    VtOverrides overrides;
    GPtrArray *places;
    MigrationEnd source, target;
    GArray *differences; /* of VtContractDifference; NULL: there is no target */
    GError *blocker;     /* NULL: nothing blocks the migration */
    MigrationHosts hosts;
} Migration;

/* Opens the ends: files, and what follows "--". */
bool migration_open(Migration *check, const ToolArguments *arguments, GError **error);
void migration_clear_end(MigrationEnd *end);

/* Asks all hosts for what the source needs. */
bool migration_ask_hosts(Migration *check, GError **error);
void migration_clear_hosts(MigrationHosts *hosts);

/* "yes", "no" or "unknown". */
const char *migration_answer(const Migration *check);
void migration_print(const Migration *check);
/* The answer with its reasons, a new reference. */
json_object *migration_json(const Migration *check);
