/* SPDX-License-Identifier: MIT */
/*
 * Internals of the command line.  Each file uses only files before it in this list: option-table.c (the program's
 * options), option-source.c (values as written), option-expand.c (options
 * that expand to others), command-line.c (the parsed options), option-life.c, file-text.c, section-file.c
 * (-readconfig), option-change.c (-set), option-apply.c, frozen-file.c, option-overlay.c, config-file.c (JSON
 * documents), argv.c, option-plan.c, option-early.c, option-given.c (values of the user), option-argument.c,
 * option-before.c (expansions read backwards), option-values.c, option-convert.c, option-pin.c, option-freeze-made.c,
 * option-freeze.c, option-candidate.c, option-complete-members.c and option-complete.c (words for a shell).
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/options.h"
#include "vt-runtime/setting.h"

/* An option's value as the user wrote it.  Each plan opens a new input from it. */
typedef struct VtSource {
    unsigned refs;
    const VtClassInfo *root; /* root class of the object that it creates; NULL: it creates none */
    char *text;              /* key=value or JSON text: @own_text, or allocated; NULL: see @tree */
    json_object *tree;       /* the value, if @text is NULL */
    const char *implied_key; /* key of the first item of key=value text; borrowed from the option */
    const char *where;       /* in VtCommandLine.labels */
    const char *place;       /* in VtCommandLine.labels: file, position and path; NULL: not from a file */
    char *path;              /* position in its file, as "device[0]"; NULL: not from a file */
    unsigned line, column;   /* position of JSON text in its file; 0: not from a file */
    const VtOption *option;  /* the option, if the target determines the class of its value; else NULL */
    bool of_machine;         /* an accelerator named by -machine */
    bool sensitive;          /* the text may contain a sensitive value, so errors do not quote it */
    bool by_default;         /* a default device, which the user did not request */
    bool made;               /* of a late option */
    bool of_board;           /* an object of the board */
    bool expanded;           /* of an expansion of its own option: the settings of an object */
    bool of_command;         /* a command set the option: its next value replaces this one */
    GPtrArray *keys;         /* as VtWritten.keys, owned texts; NULL: none */
    char *within;            /* as VtWritten.within */
    /* Objects that a board has, which users may not be able to create: the text has members only. */
    const VtClassInfo *class; /* or NULL */
    char *id;                 /* with @class; NULL: none */
    char own_text[];
} VtSource;

/* What an error about the whole value begins with. */
static inline const char *
vt_source_place(const VtSource *source)
{
    return source->place ? source->place : source->where;
}

/* Whether the value is key=value text, or another text of the command line, and not JSON. */
static inline bool
vt_source_is_text(const VtSource *source)
{
    return source->text && !source->line && source->text[0] != '{';
}

/* An option on the command line. */
typedef struct VtArgument {
    const VtOption *option;
    char *value;       /* borrowed from argv; NULL: a flag */
    const char *label; /* vt_option_label() of @value; NULL: it is not applied yet */
} VtArgument;

typedef struct VtGlobalSource {
    char *driver, *property, *value, *where;
    bool implied; /* another option implies it: no warning if the VM has no such object */
} VtGlobalSource;

/* A value of the user. */
typedef struct VtGiven {
    const VtOption *option;
    VtSource *source;
} VtGiven;

typedef struct VtChange VtChange;

/* Where a value of a list in the options struct is from. */
typedef struct VtPlaceOfValue {
    const VtRow *row;
    const char *where; /* in VtCommandLine.labels */
} VtPlaceOfValue;

struct VtCommandLine {
    const VtProgram *program;
    const VtSchema *schema;
    void *options;
    GStringChunk *labels;      /* positions of values, for messages */
    GArray *arguments;         /* of VtArgument */
    GPtrArray *changes;        /* of VtChange, by -set */
    GArray *places;            /* of VtPlaceOfValue, in order */
    guint position;            /* of the argument that is applied */
    GPtrArray *machine;        /* of VtSource: members of the machine, in order */
    GPtrArray *creations;      /* of VtSource */
    GPtrArray *late;           /* of VtSource: values of options that expand when the machine is known */
    GArray *given;             /* of VtGiven: values of the user, before expansion */
    const VtClassInfo **roots; /* by option index: vt_option_class(); NULL: not found yet */
    bool *used;                /* by option: it is present */
    GPtrArray *globals;        /* of VtGlobalSource */
    json_object *frozen;       /* {"defaults": …, "internal": …} of a frozen file; NULL: none was read */
    char *frozen_where;
    char *machine_name, *machine_where;
    char *replaced_machine; /* the name that an earlier option gave; NULL: none did */
    GHashTable *overlaid;   /* "OPTION ID" to GPtrArray of VtSource: values of earlier files; NULL: no file is read */
    unsigned *uses;         /* by option index: number of uses so far, for options that a function expands */
    bool *named;            /* by option index: the user gave it */
    char *default_machine;
    uint16_t default_target; /* one VT_TARGET_* */
    char *help_topic;
    const char *accel_root; /* root class of accelerators, or NULL */
    GPtrArray *notes;       /* owned warnings about values that were left out */
    bool wants_help;
    bool wants_defaults;       /* a file requests default devices */
    bool omits_defaults;       /* the program has no default devices */
    bool complete;             /* no command adds objects before the machine exists */
    const char *default_accel; /* name of the accelerator without -accel; NULL: none */
};

/* Copies @text; @implied_key and @where are borrowed. */
VtSource *vt_source_new_text(const char *text, size_t len, const char *implied_key, const char *where);
/* The label of a value in messages: "-object secret,id=s".  It does not show a sensitive value.  @text: the value of
 * @option.  The command line owns it. */
const char *vt_option_label(VtCommandLine *line, const VtOption *option, const char *text);
/* Returns whether @text, a value of @option, has no sensitive value that an argument after it may be a part of. */
bool vt_option_is_plain(const VtCommandLine *line, const VtOption *option, const char *text);
VtSource *vt_source_new_tree(json_object *tree, const char *where); /* takes a reference */
VtSource *vt_source_copy(const VtSource *source);
VtSource *vt_source_ref(VtSource *source);
/* The value as key=value text, which the caller frees.  NULL on error. */
char *vt_source_keyval(const VtSource *source, GError **error);
/* The string member @key of the value, which the caller frees, or NULL. */
char *vt_source_member(const VtSource *source, const char *key);
/* Replaces the text, also for other owners.  Takes ownership of @text. */
void vt_source_set_text(VtSource *source, char *text);
/* Expands bare keys of key=value text, if @option has them: "unix,nowait" becomes "unix=on,wait=off". */
void vt_source_add_values(VtSource *source, const VtOption *option);
/* Wipes and frees the source with its last reference. */
void vt_source_unref(VtSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtSource, vt_source_unref)
VtInput *vt_source_open(const VtSource *source, GError **error);
/* The value as a tree: a new reference.  Values of key=value text are strings.  Returns NULL on error, or if the value
 * is null. */
json_object *vt_source_tree(const VtSource *source, GError **error);

/* Removes the item @key from key=value text, and returns its value in key=value syntax, or NULL.  The caller frees it.
 */
char *vt_source_cut(VtSource *source, const char *key);

/* Opens @source as key=value text with the members' own names for keys.  Other keys are in the member that the schema
 * names for them.  Notes the keys of the user in @source. */
VtInput *vt_option_open_members(const VtSchema *schema, const VtOption *option, VtSource *source, GError **error);
/* Notes that the user wrote the member at the path @member by @key. */
void vt_source_add_key(VtSource *source, const char *member, const char *key);
/* The settings that @text, a value of @source, stands for by one of the forms of @option: a new reference; NULL on
 * error. */
json_object *vt_option_form(const VtOption *option, const VtSource *source, const char *text, GError **error);

/* Expands the short form of key=value text of @source, if its class has one.  @source has a root.  *ret_front: the text
 * of a second object on top of this one, which the caller frees; NULL: none. */
bool vt_source_write_out(const VtSchema *schema, VtSource *source, char **ret_front, GError **error);
/* Whether vt_source_write_out() may change values with the root class @root. */
bool vt_source_is_written_out(const VtClassInfo *root);

/* Called for each short-form key of a class.  @member: the member that the key sets; empty if the key requests an
 * additional object.  @otherwise: the value without the key; NULL: none. */
typedef void (*VtShortFunc)(const char *key, const char *member, const char *otherwise, void *opaque);
void vt_option_each_short(const VtClassInfo *info, VtShortFunc func, void *opaque);
/* The members in @text, which is key=value text, with short-form keys where the class has them.  The caller frees the
 * text. */
char *vt_option_short_text(const VtClassInfo *info, const char *text);

/* Returns whether @option is the option @name or an alias of it. */
bool vt_option_is(const VtProgram *program, const VtOption *option, const char *name);
/* The name of the program's option with the role; "" if there is none. */
const char *vt_option_role_name(const VtCommandLine *line, VtRole role);
/* Whether the flag with the role is on. */
bool vt_option_is_on(const VtCommandLine *line, VtRole role);
/* Sets the error "unknown option", with the closest name.  @prefix is "-", "--" or "".  Returns false. */
bool vt_option_unknown(const VtProgram *program, const char *prefix, const char *name, GError **error);

/* Applies one value of @option.  Takes ownership of @source.  @depth: number of options that expanded to this one. */
bool vt_option_apply(VtCommandLine *line, const VtOption *option, VtSource *source, unsigned depth, GError **error);
/* The options that a value of @option expands to: [{"option": NAME, "value": VALUE}, …].  Checks the value by the type
 * of @option.  A new reference; NULL on error. */
json_object *vt_option_expansion(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error);
/* The value of @source as a tree, checked by the type of @option.  A new reference; NULL on error. */
json_object *vt_option_decode(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error);
/* Returns whether @option expands the value @source to other options. */
bool vt_option_expands(const VtOption *option, const VtSource *source);
/* Moves the machine's name and accelerator from @source to @line.  The other members remain in @source. */
bool vt_option_take_machine(VtCommandLine *line, const VtClassInfo *root, VtSource *source, GError **error);
/* Moves members of @source that set defaults of another class to the globals of @line, as @option declares. */
bool vt_option_take_globals(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error);
/* @implied: by another option. */
bool vt_option_add_global(VtCommandLine *line, const VtSource *source, bool implied, GError **error);
/* The value of -global: {"driver", "property", "value"}. */
json_object *vt_option_global(const char *driver, const char *property, const char *value);
/* Applies a configuration file, or its text.  @name names the text in errors. */
bool vt_config_file_apply(VtCommandLine *line, const char *path, GError **error);
bool vt_config_text_apply(VtCommandLine *line, const char *name, const char *text, size_t len, GError **error);
/* The text of a file, which the caller wipes; NULL on error. */
GString *vt_option_file_read(const char *path, GError **error);
/* Applies one value of an option; takes ownership of @source. */
typedef bool VtOptionFunc(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error);
/* Calls @apply for each section of a file: it is a value of an option. */
bool vt_section_file_each(VtCommandLine *line, const char *path, VtOptionFunc *apply, GError **error);
/* The name of sections that are values of @option. */
const char *vt_option_section_name(const VtOption *option);
/* The option whose values the sections @name have.  NULL, and an error with the closest name: there is none.  @what:
 * "section" or "group". */
const VtOption *vt_option_of_section(const VtProgram *program, const char *what, const char *name, GError **error);

/* Collects a value of -set, which is argument @position. */
bool vt_option_add_change(VtCommandLine *line, const char *text, guint position, GError **error);
/* Adds the settings of later -set to the value, if it has their id. */
void vt_option_change(VtCommandLine *line, const VtOption *option, VtSource *source);
/* Fails if a -set changed no value. */
bool vt_option_check_changes(const VtCommandLine *line, GError **error);
void vt_change_free(VtChange *change);
/* The number of the argument whose label begins the message, the longest of several; the number of arguments: none has.
 */
guint vt_option_argument_of(const VtCommandLine *line, const char *message);
/* The errors in values that create objects, each for itself, as GErrors that the caller takes.  Empty if the machine
 * and the versions are not known. */
GPtrArray *vt_option_check_creations(VtCommandLine *line);
/* Sorts the lines of an error by the arguments that they are about.  Replaces the name of the machine @machine, at the
 * start of a line, by the option that set the member. */
void vt_option_blame(const VtCommandLine *line, const char *machine, GError *error);
/* The id of the object that @source creates, which the caller frees; NULL: none, or it is not known yet. */
char *vt_source_object_id(const VtSource *source);
/* Whether @vm has the object that @source creates. */
bool vt_source_is_object(const VtSource *source, const VtVm *vm);
/* Plans all but the realized objects of @vm again, with @version of the platform. */
bool vt_option_plan_again(VtCommandLine *line, VtVm *vm, uint16_t version, GError **error);
/* ---- platform overlays (platform-overlay.c) ------------------------------------------------------------- */

/* The file of the overlay that @name, of a platform version, names: a path, or a name that a file of the schema path
 * defines; NULL: none. Borrowed. */
const char *vt_option_overlay_path(const VtSchema *schema, const char *name);
/* If @name is an overlay whose base is @version, changes the platform of @ctx by it. */
bool vt_option_apply_overlay(const VtCommandLine *line, VtContext *ctx, const char *name, uint16_t version,
                             GError **error);

/* Finds the platform version @name: a version, "newest", or the base of an overlay.  *ret_version: 0: NULL or "host".
 */
bool vt_option_find_platform(const VtProgram *program, const VtSchema *schema, const char *name, uint16_t *ret_version,
                             GError **error);
/* A command line without options. */
VtCommandLine *vt_command_line_new_empty(const VtProgram *program, const VtSchema *schema);
/* Returns whether the default devices of the machine exist, unless an option removes them.  A frozen file states its
 * devices, so it has default devices only if it says so. */
bool vt_command_line_has_defaults(const VtCommandLine *line);
/* Checks that @target has the options that the user gave, and that none excludes another. */
bool vt_command_line_check_uses(const VtCommandLine *line, uint16_t target, GError **error);
/* The root class of the objects that the option creates, or NULL. */
const VtClassInfo *vt_option_class(const VtCommandLine *line, const VtOption *option);
/* As vt_option_class(), for the option @name. */
const VtClassInfo *vt_option_root(const VtCommandLine *line, const char *name);

/* ---- values of the user (option-given.c) ----------------------------------------------------------------- */

/* The values that @given stands for, each in the types of the schema: a new reference to a list.  NULL on error. */
json_object *vt_given_values(VtCommandLine *line, const VtGiven *given, VtContext *ctx, GError **error);
/* In key=value text, keys that are no members stand for a list in one member: replaces that member of @value by them.
 */
void vt_option_unfold_rest(const VtOption *option, json_object *value);

/* The value as an argument: key=value text if that reads as @value, else JSON text; with @json, JSON text.  A value
 * without members is its own text.  The caller frees it. */
char *vt_option_argument(VtCommandLine *line, const VtOption *option, json_object *value, VtContext *ctx, bool json);

/* ---- several files (option-overlay.c) -------------------------------------------------------------------- */

/* Begins a file after other files: its objects change those with the same id. */
void vt_overlay_begin(VtCommandLine *line);
void vt_overlay_end(VtCommandLine *line);
/* Adds the members of a value of a file to the earlier value with its id.  *ret_taken: there is such a value. */
bool vt_overlay_apply(VtCommandLine *line, const VtOption *option, const VtSource *source, bool *ret_taken,
                      GError **error);
/* Adds to @file, which is @vm frozen, the defaults of objects that other options or the machine make, where @newest,
 * the plan of @file with the newest versions, has others. */
void vt_freeze_made(const VtCommandLine *line, const VtVm *vm, const VtVm *newest, json_object *file);
/* Adds the members of @value to @old, in any depth. */
void vt_tree_merge(json_object *old, json_object *value);

/* ---- accelerators (option-accel.c) --------------------------------------------------------------------- */

bool vt_source_is_accel(const VtCommandLine *line, const VtSource *source);
/* Adds the accelerators that @text, the key of @accel's machine option, stands for, in order of preference.  They
 * replace earlier ones.  Unknown names are left out, with a warning, if one is known. */
bool vt_option_add_machine_accel(VtCommandLine *line, const VtOption *accel, const char *text, const char *where,
                                 GError **error);
/* Of several accelerators, leaves out those with unknown names, with a note. */
void vt_option_omit_unknown_accels(VtCommandLine *line);
/* The accelerator to use; NULL: the user named none.  *ret_class is also NULL if its name is unknown.  Both results are
 * borrowed.  Fails if both -accel and '-machine accel=' are present. */
bool vt_command_line_accel(const VtCommandLine *line, const VtSource **ret_source, const VtClassInfo **ret_class,
                           GError **error);

/* ---- models (option-model.c) ---------------------------------------------------------------------------- */

/* Adds the value of an option with class suffixes, and removes an earlier value.  Takes ownership of @source. */
void vt_option_add_model(VtCommandLine *line, const VtOption *option, VtSource *source);
bool vt_option_open_model(const VtSource *source, const VtContext *ctx, VtCreation *ret_creation, GError **error);
/* The class of the model @model on @target, also by an alias; NULL: there is none. */
const VtClassInfo *vt_option_find_model(const VtOption *option, const VtSchema *schema, uint16_t target,
                                        const char *model);
/* Sets the error for an unknown model, with a suggestion.  Returns false. */
bool vt_option_fail_model(const VtOption *option, const char *where, const VtSchema *schema, uint16_t target,
                          const char *model, GError **error);
/* The name of the model, such as "qemu64", that class @row has for @option on @target.  The caller frees it.  NULL: the
 * class is not a model of the option. */
char *vt_option_model_name(const VtOption *option, const VtLayer *layer, const VtClass *row, uint16_t target);
/* As vt_option_model_name(), for an alias of a class that is a model of @option. The caller frees it. */
char *vt_option_model_alias(const VtOption *option, const VtLayer *layer, const VtClass *row, uint16_t target,
                            const VtAlias *alias);

/* ---- the program's options ------------------------------------------------------------------------------ */

/* The target of the option -target, or the default target. */
uint16_t vt_command_line_target(const VtCommandLine *line);
/* The string or enum value of the program's option with the role @role, or NULL.  Borrowed. */
const char *vt_command_line_str(const VtCommandLine *line, VtRole role);
