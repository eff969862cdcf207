/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of vintage.  They read the schema and the configuration files.  They access the host only to probe it
 * for --check-host.
 */
#pragma once

#include <stdio.h>

#include <json-c/json.h>

#include "vt-runtime/options.h"

enum { TOOL_DONE, TOOL_WRONG_VM, TOOL_WRONG_USE, TOOL_INCOMPLETE }; /* exit status */

/* Each gets the arguments after its name, and returns the exit status. */
int tool_resolve(int argc, char **argv);
int tool_explain(int argc, char **argv);
int tool_defaults(int argc, char **argv);
int tool_diff(int argc, char **argv);
int tool_upgrade(int argc, char **argv);
int tool_freeze(int argc, char **argv);
int tool_check(int argc, char **argv);
int tool_check_migration(int argc, char **argv);
int tool_platform(int argc, char **argv);
int tool_history(int argc, char **argv);
int tool_audit(int argc, char **argv);
/* Whether vintage audit is about a running QEMU; and that command. */
bool tool_audit_is_of_running(int argc, char **argv);
int tool_audit_running(int argc, char **argv);
int tool_convert(int argc, char **argv);
int tool_argv(int argc, char **argv);
int tool_import(int argc, char **argv);
int tool_run(int argc, char **argv);
int tool_schema(int argc, char **argv);
int tool_complete(int argc, char **argv);

typedef struct ToolCommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments; /* lines, each of one use */
    const char *doc;
    const char *more;     /* lines of text; NULL: none */
    const char *examples; /* lines of shell commands */
    bool no_options;
} ToolCommand;
extern const ToolCommand tool_commands[]; /* ends with a NULL name */

typedef struct ToolOption ToolOption;
/* What a subcommand does with its options. */
typedef enum ToolMode {
    TOOL_RUN,
    TOOL_HELP, /* prints the options */
    TOOL_LIST, /* prints words that complete the last argument, and a last line as vt_command_line_complete() does */
} ToolMode;
extern ToolMode tool_mode;
/* Completes the last argument by @options, in place of parsing the arguments. */
void tool_list_words(const ToolOption *options, int argc, char **argv);
void tool_print_options(const ToolOption *options);
/* The list of subcommands, and the help of one. */
void tool_print_usage(FILE *file);
void tool_print_help(const ToolCommand *command);

/* ---- arguments ----------------------------------------------------------------------------------------- */

struct ToolOption {
    const char *name; /* "--json" */
    const char *word; /* for help: stands for the value */
    const char *doc;  /* for help; NULL: the option is not listed */
    bool *flag;       /* set one of flag, value and values */
    const char **value;
    GPtrArray *values; /* repeatable; borrowed strings */
};

/* Options that several subcommands have. */
#define TOOL_JSON(variable)                                                                                            \
    {                                                                                                                  \
        .name = "--json", .doc = "prints JSON", .flag = (variable)                                                     \
    }
#define TOOL_SETTLED(variable)                                                                                         \
    {                                                                                                                  \
        .name = "--settled", .doc = "uses the values after settling", .flag = (variable)                               \
    }
#define TOOL_CHECK_HOST(variable)                                                                                      \
    {                                                                                                                  \
        .name = "--check-host", .doc = "probes this host, and opens what the VM names", .flag = (variable)             \
    }
#define TOOL_MACHINE(variable)                                                                                         \
    {                                                                                                                  \
        .name = "--machine", .word = "MACHINE", .doc = "overrides the machine", .value = (variable)                    \
    }
#define TOOL_PLATFORM(variable)                                                                                        \
    {                                                                                                                  \
        .name = "--platform-version", .word = "VERSION", .doc = "overrides the platform version", .value = (variable)  \
    }
#define TOOL_TARGET(variable)                                                                                          \
    {                                                                                                                  \
        .name = "--target", .word = "TARGET", .doc = "overrides the target", .value = (variable)                       \
    }
#define TOOL_PROBE_FILE(variable)                                                                                      \
    {                                                                                                                  \
        .name = "--probe-file", .word = "FILE", .doc = "replaces the probes of this host by a JSON file",              \
        .value = (variable)                                                                                            \
    }
#define TOOL_RELEASE(variable)                                                                                         \
    {                                                                                                                  \
        .name = "--release", .word = "RELEASE", .doc = "uses the versions and defaults of a release of QEMU",          \
        .value = (variable)                                                                                            \
    }

typedef struct ToolArguments {
    GPtrArray *words; /* arguments before "--" that are not options; borrowed */
    char **vm;        /* arguments after "--" */
    int n_vm;
    bool has_vm;
} ToolArguments;

void tool_arguments_clear(ToolArguments *arguments);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolArguments, tool_arguments_clear)
/* @options ends with a NULL name.  Returns false after it has reported a usage error. */
bool tool_arguments_parse(ToolArguments *arguments, const char *command, const ToolOption *options, int argc,
                          char **argv);
/* Prints "vintage COMMAND: MESSAGE" on standard error, and returns TOOL_WRONG_USE. */
int tool_misused(const char *command, const char *format, ...) G_GNUC_PRINTF(2, 3);
int tool_failed(const GError *error);

#define TOOL_ONE_VM "expected one FILE.json, or '--' and the options of a VM"
/* Returns whether the arguments describe one VM, after "--" or as a file. */
bool tool_arguments_are_one_vm(const ToolArguments *arguments);
VtCommandLine *tool_vm_of(const VtSchema *schema, const ToolArguments *arguments, GError **error);
/* The VM: options, or a single JSON file. */
VtCommandLine *tool_vm_new(const VtSchema *schema, int argc, char **argv, GError **error);
/* Plans the VM.  @check_host: probes this host, and reports that on standard error. */
VtVm *tool_plan(VtCommandLine *line, const VtOverrides *overrides, bool check_host, GError **error);

/* Has all layers of vintage-vm. */
VtSchema *tool_schema_new(void);

/* The word as a POSIX shell reads it.  The caller frees it. */
char *tool_shell_word(const char *word);

/* ---- output -------------------------------------------------------------------------------------------- */

/* Prints @value with indentation, and frees it. */
void tool_print_json(json_object *value);
/* For tables: on, off, plain strings, compact JSON; "-" for an absent value. */
char *tool_value_text(json_object *value);

typedef struct ToolTable ToolTable;
/* @headers: NULL-terminated. */
ToolTable *tool_table_new(const char *const *headers);
/* Adds a row with as many cells as headers; NULL: empty.  Copies the cells. */
void tool_table_add(ToolTable *table, const char *const *cells);
void tool_table_free(ToolTable *table);
/* Prints the table with each line indented by @indent, and frees it. */
void tool_table_print(ToolTable *table, unsigned indent);
/* Prints a heading such as "virtio-blk-pci 'disk'", bold on a terminal. */
void tool_print_heading(const char *format, ...) G_GNUC_PRINTF(1, 2);
