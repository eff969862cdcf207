/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of vintage, and what they share.  They look at schema and configuration only: nothing of the host but
 * the named configuration files, and its answers to probes where --check-host asks for them.
 */
#pragma once

#include <json-c/json.h>

#include "vt-runtime/options.h"

enum { TOOL_DONE, TOOL_WRONG_VM, TOOL_WRONG_USE }; /* exit status */

/* Each gets the arguments behind its name and returns the exit status. */
int tool_resolve(int argc, char **argv);
int tool_explain(int argc, char **argv);
int tool_defaults(int argc, char **argv);
int tool_diff(int argc, char **argv);
int tool_freeze(int argc, char **argv);
int tool_check(int argc, char **argv);
int tool_platform(int argc, char **argv);

/* ---- arguments ----------------------------------------------------------------------------------------- */

typedef struct ToolOption {
    const char *name; /* "--json" */
    bool *flag;       /* one of the three */
    const char **value;
    GPtrArray *values; /* may be given several times; borrowed strings */
} ToolOption;

typedef struct ToolArguments {
    GPtrArray *words; /* what is no option, before "--"; borrowed */
    char **vm;        /* what stands behind "--" */
    int n_vm;
    bool has_vm;
} ToolArguments;

void tool_arguments_clear(ToolArguments *arguments);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolArguments, tool_arguments_clear)
/* @options ends with a NULL name.  false: the wrong use has been told. */
bool tool_arguments_parse(ToolArguments *arguments, const char *command, const ToolOption *options, int argc,
                          char **argv);
/* "vintage COMMAND: MESSAGE" on standard error. */
int tool_misused(const char *command, const char *format, ...) G_GNUC_PRINTF(2, 3);
int tool_failed(const GError *error);

#define TOOL_ONE_VM "expected one FILE.json, or '--' and the options of a VM"
/* Whether a VM was said, in one of its two ways. */
bool tool_arguments_are_one_vm(const ToolArguments *arguments);
VtCommandLine *tool_vm_of(const VtSchema *schema, const ToolArguments *arguments, GError **error);
/* The VM: options, or a single JSON file. */
VtCommandLine *tool_vm_new(const VtSchema *schema, int argc, char **argv, GError **error);
/* Plans it; with @check_host as this host would carry it, which it tells on standard error. */
VtVm *tool_plan(VtCommandLine *line, const VtOverrides *overrides, bool check_host, GError **error);

/* Of all layers of vintage-vm. */
VtSchema *tool_schema_new(void);

/* ---- output -------------------------------------------------------------------------------------------- */

/* Prints as one pretty text; takes @value. */
void tool_print_json(json_object *value);
/* For tables: on, off, plain strings, compact JSON; "-" for absence. */
char *tool_value_text(json_object *value);

typedef struct ToolTable ToolTable;
/* @headers: NULL-terminated. */
ToolTable *tool_table_new(const char *const *headers);
/* As many cells as headers; NULL is an empty one.  Copied. */
void tool_table_add(ToolTable *table, const char *const *cells);
void tool_table_free(ToolTable *table);
/* Prints it with every line indented by @indent, and frees it. */
void tool_table_print(ToolTable *table, unsigned indent);
/* "virtio-blk-pci 'disk'": bold where standard output is a terminal. */
void tool_print_heading(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* ---- values -------------------------------------------------------------------------------------------- */

/* Whether a member is to be told of on @target. */
bool tool_is_shown(const VtProp *prop, uint16_t target);
const char *tool_axis_name(VtAxis axis); /* "machine", "platform", NULL */
