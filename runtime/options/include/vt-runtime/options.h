/* SPDX-License-Identifier: MIT */
/*
 * Command line and configuration files of a program, parsed by its option table.
 *
 * The result has three parts: the program's own options (a generated struct), the objects to create, in order, and the
 * parameters of the context.  These are the machine, the globals and the platform version.  Options that are shorthands
 * expand to other options by templates of the schema.  The texts are kept, so one command line can be planned in
 * several contexts.
 *
 * The runtime finds options by their roles (role.h), and knows no option by name.
 */
#pragma once

#include "vt-runtime/json-walk.h"
#include "vt-runtime/vm.h"

typedef struct VtCommandLine VtCommandLine;

/* Parses @argv, which excludes the program's name.  Applies all --config files first, so that options override them.
 * With -help or a value 'help', applies no option except -target.  Returns NULL on error, for example for an unknown
 * option. */
VtCommandLine *vt_command_line_new(const VtProgram *program, const VtSchema *schema, int argc, char *const *argv,
                                   GError **error);
/* Parses one JSON configuration file; "-" is standard input.  Returns NULL on error. */
VtCommandLine *vt_command_line_new_file(const VtProgram *program, const VtSchema *schema, const char *path,
                                        GError **error);
/* As vt_command_line_new_file(), for the contents of a file.  @name stands for it in errors. */
VtCommandLine *vt_command_line_new_text(const VtProgram *program, const VtSchema *schema, const char *name,
                                        const char *text, GError **error);
/* Overwrites sensitive values in the argv of vt_command_line_new(), and so in /proc/PID/cmdline.  The label that error
 * messages use replaces each value.  @line: without help. */
void vt_command_line_hide_arguments(VtCommandLine *line);
/* Wipes the sources of the objects.  The caller must not plan with @line afterwards. */
void vt_command_line_forget(VtCommandLine *line);
void vt_command_line_free(VtCommandLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCommandLine, vt_command_line_free)

/* The generated options struct of the program (VtVintageVmOptions for vintage-vm).  Owned by @line. */
const void *vt_command_line_options(const VtCommandLine *line);
/* Calls @func for each option of the program's own that was given, with its value, which has sensitive members, too,
 * and is borrowed.  @flags: VT_OUTPUT_*. */
typedef void (*VtOptionValueFunc)(const VtOption *option, json_object *value, void *opaque);
void vt_command_line_each_option(const VtCommandLine *line, unsigned flags, VtOptionValueFunc func, void *opaque);
/* The values of -global: [{"driver", "property", "value"}].  A new reference. */
json_object *vt_command_line_globals(const VtCommandLine *line);
const VtProgram *vt_command_line_program(const VtCommandLine *line);
/* The argument that gave @value, an element of a list in the options struct, for messages: "-mon chardev=c".  Borrowed.
 */
const char *vt_command_line_where(const VtCommandLine *line, const void *value);
/* The name of the option that @value, a field of the options struct, is the value of.  Borrowed. */
const char *vt_command_line_option(const VtCommandLine *line, const void *value);
/* Sets the target to use without -target, in place of x86_64.  Fails if no target has the name @target. */
bool vt_command_line_set_default_target(VtCommandLine *line, const char *target, GError **error);
/* Sets the machine to use if the command line names none, in place of the default machine of the target.  No effect if
 * the schema has no machines. */
void vt_command_line_set_default_machine(VtCommandLine *line, const char *machine);

/* Leaves default devices out of further plans: a program that cannot run them starts without them. */
void vt_command_line_omit_defaults(VtCommandLine *line);

/* The paths of the configuration files that the arguments name, in order; borrowed.  The caller frees the array. */
GPtrArray *vt_command_line_files(const VtCommandLine *line);

/* Undoes vt_command_line_omit_defaults(), and uses the accelerator that is the default with an engine. */
void vt_command_line_add_defaults(VtCommandLine *line);

/* Returns whether the user requests help: by -help, or by an option's value ("-device help", "-device
 * virtio-blk-pci,help"). */
bool vt_command_line_wants_help(const VtCommandLine *line);
/* The help topic: "device", "device=virtio-blk-pci", or NULL for the list of options.  Owned by @line. */
const char *vt_command_line_help_topic(const VtCommandLine *line);
/* The help text for the topic of @line.  Without a topic: one line for each option.  With a topic: the classes that an
 * option creates, or the members of one class.  The caller frees the text.  Returns NULL if the topic is unknown. */
char *vt_command_line_help(const VtProgram *program, const VtSchema *schema, const VtCommandLine *line, GError **error);

/*
 * Completes the last word of @argv, which is the program's arguments up to the cursor; @argc is at least 1.  @target:
 * one VT_TARGET_*, without -target.  Returns a line "CANDIDATE" or "CANDIDATE\tDESCRIPTION" for each word that may
 * stand in its place, and a last line: ":end", ":more" if text may follow a candidate without a blank, or ":files" if
 * it is the name of a file.  The caller frees the text.
 */
char *vt_command_line_complete(const VtProgram *program, const VtSchema *schema, uint16_t target, int argc,
                               char *const *argv);

/* The option @name (without dashes) of the program, or NULL. */
const VtOption *vt_program_option(const VtProgram *program, const char *name);
/* The option that creates objects of the root class @root, or NULL. */
const VtOption *vt_program_creator(const VtProgram *program, const char *root);
/* The model name of class @row of @layer on @target, by the program's option whose values are models.  The caller frees
 * it.  NULL: the class is not a model of the option. */
char *vt_program_model_name(const VtProgram *program, const VtLayer *layer, const VtClass *row, uint16_t target);

/* The class of the model @name on the target of @ctx.  Fails if there is none; @where begins the error. */
const VtClassInfo *vt_program_find_model(const VtProgram *program, const VtContext *ctx, const char *where,
                                         const char *name, GError **error);
/* As vt_program_model_name(), for an alias of a class that is a model. The caller frees it. */
char *vt_program_model_alias(const VtProgram *program, const VtLayer *layer, const VtClass *row, uint16_t target,
                             const VtAlias *alias);

/* Whether @name, a platform version of a user, is the newest one that the host supports: NULL or "host". */
bool vt_platform_is_chosen(const char *name);

/* Creates the platform of the version or overlay @name, as the option of the role takes it, without the defaults of an
 * overlay. @probe_file: see vt_platform_new(). The caller frees it. NULL on error. */
VtPlatform *vt_platform_named(const VtProgram *program, const VtSchema *schema, const char *name,
                              const char *probe_file, GError **error);

/* Replacements for the command line's --machine, --platform-version, --target and --probe-file (vintage diff), and the
 * release of QEMU.  NULL: no replacement. */
typedef struct VtOverrides {
    const char *machine;
    const char *platform_version;
    const char *target;
    const char *probe_file;
    bool migratable;     /* no object may block migration */
    bool no_probes;      /* asks nothing of any host: every feature is unknown */
    const char *release; /* release of QEMU whose versions and defaults apply; NULL: the newest one */
} VtOverrides;
/* Creates a context by the command line: machine, platform version (default: the open version), target and globals.
 * @overrides may be NULL.  The caller frees the context.  NULL on error. */
VtContext *vt_command_line_context(VtCommandLine *line, const VtOverrides *overrides, GError **error);
/* Creates a context and plans the VM in it, without host resources.  @overrides may be NULL.  A caller may plan @line
 * repeatedly.  NULL on error. */
VtVm *vt_command_line_plan(VtCommandLine *line, const VtOverrides *overrides, GError **error);
/* Plans the VM with the newest platform version whose demands this host meets, or with the version that the user pins.
 * @overrides may be NULL.  *ret_notice: one line with the choice or a warning, which the caller frees; NULL: none.
 * Returns NULL on error. */
VtVm *vt_command_line_choose(VtCommandLine *line, const VtOverrides *overrides, char **ret_notice, GError **error);
/* Creates the objects that @text, a value of the late option @option, stands for, in a VM that exists.  Fails if one is
 * not of @kind. */
bool vt_option_add_objects(const VtProgram *program, VtVm *vm, const char *option, const char *text, const char *kind,
                           GError **error);

/* ---- commands before the machine exists (option-early.c) ----------------------------------------------- */

/* Sets options of the command line, @options: {NAME: value}, in place of what an earlier call set, and plans @vm again.
 * Realized objects of @vm stay; it is an error if they would differ.  @command names the values in errors.  @life: the
 * check of names of the new plan; NULL: none.  *ret_notice: see vt_command_line_choose().  All is set, or nothing. */
bool vt_command_line_set(VtCommandLine *line, VtVm *vm, const char *command, json_object *options,
                         const VtLifeCheck *life, char **ret_notice, GError **error);
/* A command created an object below @root by the JSON text @text. */
void vt_command_line_created(VtCommandLine *line, const VtClassInfo *root, const char *command, VtSpan text);
/* Creates an object below @root by the JSON text @text, and plans @vm again, as vt_command_line_set(): planned objects
 * whose place is not configured make room. */
bool vt_command_line_create(VtCommandLine *line, VtVm *vm, const VtClassInfo *root, const char *command, VtSpan text,
                            const VtLifeCheck *life, char **ret_notice, GError **error);
/* No command follows: plans @vm again, as if the command line had all objects.  After a failure, the caller may only
 * free @vm.  *ret_notice: see vt_command_line_choose(). */
bool vt_command_line_complete_vm(VtCommandLine *line, VtVm *vm, char **ret_notice, GError **error);

/* Checks the names of the options that the user gave, not of those that they expand to, and of the members of their
 * values. vt_vm_check_life() checks the members of objects. */
bool vt_command_line_check_life(const VtCommandLine *line, const VtLifeCheck *check, GError **error);
/* Leaves the accelerator out that the next plan would use, if the user named another one; @why is for a warning. */
bool vt_command_line_next_accel(VtCommandLine *line, const char *why);
/* Returns whether the host has what the paths in the values of options need.  Objects have their own check. */
bool vt_command_line_check_paths(const VtCommandLine *line, GError **error);
/* In an error about the planned VM, replaces the machine by the option that set its member. */
void vt_command_line_blame(const VtCommandLine *line, const VtContext *ctx, GError *error);
/* The name of the first option on the command line that has no implementation, or NULL.  Borrowed. */
const char *vt_command_line_recorded(const VtCommandLine *line);
/* Fails for such an option: the program does not start with it. */
bool vt_command_line_check_start(const VtCommandLine *line, GError **error);
/* Whether the user gave a frozen file. */
bool vt_command_line_is_frozen(const VtCommandLine *line);
/* The values of the user, before any expansion, as a configuration file: {OPTION: VALUE or [VALUE, …]}.  Files that the
 * command line names are a part of it.  A value has the types of the schema.  It has the sensitive values that the user
 * gave.  Values of an option that is not repeatable are merged.  A new reference; NULL on error, as for a frozen file.
 */
json_object *vt_command_line_convert(VtCommandLine *line, GError **error);
/* As vt_command_line_convert(), in a context that exists. */
json_object *vt_command_line_convert_in(VtCommandLine *line, VtContext *ctx, GError **error);
/* @config, a result of vt_command_line_convert(), as arguments.  @json: members as JSON, else as key=value where that
 * has the same meaning.  An array of strings, which the caller frees. */
GPtrArray *vt_command_line_arguments(VtCommandLine *line, json_object *config, bool json, GError **error);
/* One value of @option as an argument: key=value text if that reads as @value in @ctx, else JSON text.  The caller
 * frees it. */
char *vt_command_line_argument(VtCommandLine *line, const VtOption *option, json_object *value, VtContext *ctx);
/* The value of @option that expands to @value: {member: value} of the creation or the option @name.  NULL: none of its
 * templates makes such a value.  A new reference.  Members that a template does not have are left out. */
json_object *vt_option_before(const VtOption *option, const char *name, json_object *value);
/* The QMP commands that create the objects of @config, each after those that it refers to: [{"execute": …}, …].
 * @left: gets the names of options that have no command, which it owns.  A new reference. */
json_object *vt_command_line_commands(const VtCommandLine *line, json_object *config, GPtrArray *left);
/* As vt_vm_effective_config(), with what the options state beside the machine and the objects in 'options', unless a
 * value is sensitive.  A configuration file can be such an object. */
json_object *vt_command_line_effective(const VtCommandLine *line, const VtVm *vm, bool settled);
/* Writes @vm, planned by @line, as a configuration file with an explicit value for every member.  Under a newer machine
 * or platform version, it gives the same values.  Fails for a sensitive value, or if a value would change.  The result
 * is a new reference. */
json_object *vt_command_line_freeze(const VtCommandLine *line, VtVm *vm, GError **error);
