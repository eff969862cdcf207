/* SPDX-License-Identifier: MIT */
/*
 * Command line and configuration file of a program, by its option table.
 *
 * Parsing yields three things: the program's own options (a generated struct), the creations, in the order given, and
 * what the context is made of (machine, globals, platform version).  Sugar options are expanded by their templates. The
 * texts are kept, so that the same command line can be planned in several contexts.
 *
 * Options that the runtime knows by name, where the program has them: config, global, platform-version, probe-file,
 * target, accel, help.
 */
#pragma once

#include "vt-runtime/vm.h"

typedef struct VtCommandLine VtCommandLine;

/* @argv without the program's name.  --config files are read and laid before the rest of the command line: what is said
 * later wins.  Unknown options get a suggestion.  NULL on error. */
VtCommandLine *vt_command_line_new(const VtProgram *program, const VtSchema *schema, int argc, char *const *argv,
                                   GError **error);
/* The same from one JSON document (path, or "-" for standard input). */
VtCommandLine *vt_command_line_new_file(const VtProgram *program, const VtSchema *schema, const char *path,
                                        GError **error);
/* Overwrites sensitive values where the kernel keeps the arguments, and thus /proc/PID/cmdline.  For a line that has
 * been made of them; each value becomes the name that messages have for it. */
void vt_command_line_hide_arguments(const VtProgram *program, const VtSchema *schema, int argc, char **argv);
/* Wipes what the objects were made of, which is planned: no more plans are made of the line. */
void vt_command_line_forget(VtCommandLine *line);
void vt_command_line_free(VtCommandLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCommandLine, vt_command_line_free)

/* The generated options struct of the program (VtVintageVmOptions for vintage-vm). */
const void *vt_command_line_options(const VtCommandLine *line);
/* The machine taken when none is named; without it that is an error.  Ignored where the schema lacks it. */
void vt_command_line_set_default_machine(VtCommandLine *line, const char *machine);

/* -help was given, or help among an option's value ("-device help", "-device virtio-blk-pci,help"). */
bool vt_command_line_wants_help(const VtCommandLine *line);
/* What about: NULL for the options, "device", "device=virtio-blk-pci". */
const char *vt_command_line_help_topic(const VtCommandLine *line);
/* The help text, owned by the caller: one line for each option; if @line has a help topic, the classes that an option
 * creates, or the members of one of its values.  NULL: the topic is unknown. */
char *vt_command_line_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line, GError **error);

/* What the program's option @name calls class @row of @layer on @target; NULL: it is none of its models. */
char *vt_program_model_name(const VtProgram *program, const char *name, const VtLayer *layer, const VtClass *row,
                            uint16_t target);

/* What --machine, --platform-version and --target say may be replaced (vintage diff): NULL or 0 keeps it. */
typedef struct VtOverrides {
    const char *machine;          /* name */
    const char *platform_version; /* name */
    const char *target;
    const char *probe_file;
    const char *newest; /* what a machine without versions takes for the newest version there is */
} VtOverrides;
/* A context by the command line: machine version, platform version (default: the open one), globals. */
VtContext *vt_command_line_context(VtCommandLine *line, const VtOverrides *overrides, GError **error);
/* A context and the planned VM in it.  Nothing of the host is touched.  May be called repeatedly. */
VtVm *vt_command_line_plan(VtCommandLine *line, const VtOverrides *overrides, GError **error);
/* The platform walk: newest to oldest (or the pinned one), the first whose demands this host meets.  *ret_notice: one
 * line that tells the choice or a warning, or NULL. */
VtVm *vt_command_line_choose(VtCommandLine *line, const VtOverrides *overrides, char **ret_notice, GError **error);
/* The configuration file in which nothing of @vm, which came of @line, is left to a default: read under a newer machine
 * or platform version, it gives the same values.  Refuses sensitive values, and what would not stay the same. */
json_object *vt_command_line_freeze(const VtCommandLine *line, VtVm *vm, GError **error);
