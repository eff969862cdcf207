/* SPDX-License-Identifier: MIT */
/*
 * Many hosts: reads host files one after the other, and counts what the hosts lack.  Memory does not grow with the
 * number of hosts.
 */
#pragma once

#include "tool.h"
#include "vt-runtime/host-info.h"

/* @name: the file of the host, or its name in a stream; borrowed, like @host. */
typedef bool (*ToolHostFunc)(VtPlatform *host, const char *name, void *opaque, GError **error);

/* Calls @func for each host of @places: files, directories with files (*.json), and "-" for a stream of JSON values on
 * standard input.  Shows progress if standard error is a terminal.  Stops at the first failure. */
bool tool_hosts_each(const VtSchema *schema, const GPtrArray *places, ToolHostFunc func, void *opaque, GError **error);

/* ---- what hosts lack ----------------------------------------------------------------------------------- */

#define TOOL_HOSTS_NAMED 3 /* host names that a result shows */

/* Hosts with one answer: their number, and the first of their names in alphabetical order. */
typedef struct ToolSome {
    guint64 n;
    char *names[TOOL_HOSTS_NAMED];
} ToolSome;

void tool_some_add(ToolSome *some, const char *name);
void tool_some_clear(ToolSome *some);
/* "a, b, c and 12 more"; the caller frees it. */
char *tool_some_text(const ToolSome *some);

/* What a platform version requires of a host. */
typedef struct ToolRequired {
    bool *features; /* by feature */
    ToolSome no;    /* hosts that lack some of them */
    ToolSome unknown;
} ToolRequired;

typedef struct ToolCount {
    const VtSchema *schema;
    guint64 n_hosts;
    ToolRequired *versions; /* by platform version, from 1 */
    ToolSome *no, *unknown; /* by feature */
    bool *ever;             /* by feature: a version requires it */
} ToolCount;

/* Counts hosts by what @line requires at each platform version; NULL: by what defaults of the version
 * can require. */
bool tool_count_init(ToolCount *count, const VtSchema *schema, VtCommandLine *line, const VtOverrides *overrides,
                     GError **error);
void tool_count_clear(ToolCount *count);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolCount, tool_count_clear)
/* A ToolHostFunc; @opaque: ToolCount. */
bool tool_count_host(VtPlatform *host, const char *name, void *opaque, GError **error);
/* The newest version that all hosts support; 0: none. */
uint16_t tool_count_newest(const ToolCount *count);
