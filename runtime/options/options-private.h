/* SPDX-License-Identifier: MIT */
/*
 * What the files of the command line share.  Each uses only files named before it: option-table.c (the program's
 * options), option-source.c (values as written), option-expand.c (options that stand for others), command-line.c (what
 * is gathered), option-apply.c, frozen-file.c, config-file.c (one JSON document), argv.c, option-plan.c,
 * option-freeze.c.
 */
#pragma once

#include <json-c/json_types.h>

#include "vt-runtime/options.h"

/* A value as somebody wrote it; inputs are made from it as often as it is planned. */
typedef struct VtSource {
    const VtClassInfo *root; /* what it creates; NULL: not a creation */
    char *text;              /* key=value or JSON text, or NULL */
    json_object *tree;       /* where there is no text */
    const char *implied_key; /* of key=value text; borrowed from the option */
    char *where;
    char *path;             /* "device[0]": where in its file it stands; NULL: not from a file */
    unsigned line, column;  /* of JSON text in a file; 0: not from a file */
    const VtOption *option; /* that it is the value of, where its class goes by the target; NULL */
    bool of_machine;        /* an accelerator that the machine's option named */
    bool sensitive;         /* a sensitive value may stand in it: no error shows a piece of its text */
} VtSource;

typedef struct VtGlobalSource {
    char *driver, *property, *value, *where;
} VtGlobalSource;

struct VtCommandLine {
    const VtProgram *program;
    const VtSchema *schema;
    void *options;
    GPtrArray *machine;   /* of VtSource: laid over the machine, in order */
    GPtrArray *creations; /* of VtSource */
    GPtrArray *globals;   /* of VtGlobalSource */
    json_object *frozen;  /* {OPTION: {ID: {member: value}}} of a frozen file; NULL: none was read */
    char *frozen_where;
    char *machine_name, *machine_where;
    unsigned *uses; /* of options that a function writes out, by index: how often each was given */
    char *default_machine;
    char *help_topic;
    bool wants_help;
};

VtSource *vt_source_new_text(const char *text, size_t len, const char *implied_key, const char *where);
/* "-object secret,id=s": names the value @text of @option without showing what may be sensitive in it. */
char *vt_option_label(const VtSchema *schema, const VtOption *option, const char *text);
VtSource *vt_source_new_tree(json_object *tree, const char *where); /* takes a reference */
/* "unix,addr=/s" is "unix=on,addr=/s" where keys may be bare; the first item is not a key where one is @implied. */
char *vt_source_with_values(const char *text, bool implied);
void vt_source_free(VtSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtSource, vt_source_free)
VtInput *vt_source_open(const VtSource *source, GError **error);
/* The value as a tree; key=value text gives strings.  Not for absent or null values. */
json_object *vt_source_tree(const VtSource *source, GError **error);

/* Writes key=value text of @source, whose root is known, out in full where its class has a short form; *ret_front: the
 * text of a second object that stands in front of it, or NULL. */
bool vt_source_write_out(const VtSchema *schema, VtSource *source, char **ret_front, GError **error);

/* What keys of key=value text stand for in a class; @member is empty for a switch that asks for an object in front,
 * @otherwise NULL where nothing is said without the key. */
typedef void (*VtShortFunc)(const char *key, const char *member, const char *otherwise, void *opaque);
void vt_option_each_short(const VtClassInfo *info, VtShortFunc func, void *opaque);

/* The option called @name (no dashes), or NULL. */
const VtOption *vt_program_option(const VtProgram *program, const char *name);
/* Whether @option is the one called @name, or an alias of it. */
bool vt_option_is(const VtProgram *program, const VtOption *option, const char *name);
/* "unknown option", with a suggestion; @prefix is "-" or "". */
bool vt_option_unknown(const VtProgram *program, const char *prefix, const char *name, GError **error);

/* Lays one value of @option; takes @source. */
bool vt_option_apply(VtCommandLine *line, const VtOption *option, VtSource *source, unsigned depth, GError **error);
/* The options that the value of sugar stands for: [{"option": NAME, "value": VALUE}, …], checked by the option's own
 * type. A new reference; NULL on error. */
json_object *vt_option_expansion(VtCommandLine *line, const VtOption *option, const VtSource *source, GError **error);
/* Whether @source is a value that is sugar. */
bool vt_option_expands(const VtOption *option, const VtSource *source);
/* Takes the machine's name out of @source: the rest is laid over the machine once there is one. */
bool vt_option_take_machine(VtCommandLine *line, const VtClassInfo *root, VtSource *source, GError **error);
/* Takes members out of @source that are defaults of another class, as @option says. */
bool vt_option_take_globals(VtCommandLine *line, const VtOption *option, VtSource *source, GError **error);
bool vt_option_add_global(VtCommandLine *line, const VtSource *source, GError **error);
/* Lays a configuration file over the line; or its text, as @name in errors. */
bool vt_config_file_apply(VtCommandLine *line, const char *path, GError **error);
bool vt_config_text_apply(VtCommandLine *line, const char *name, const char *text, size_t len, GError **error);
/* An empty line: nothing is said yet. */
VtCommandLine *vt_command_line_new_empty(const VtProgram *program, const VtSchema *schema);
/* The class whose objects the option called @name creates, or NULL. */
const VtClassInfo *vt_option_root(const VtCommandLine *line, const char *name);

/* ---- accelerators (option-accel.c) --------------------------------------------------------------------- */

bool vt_source_is_accel(const VtSource *source);
/* Accelerators by name, joined by ':', in the order of preference. */
bool vt_option_add_machine_accel(VtCommandLine *line, const char *names, const char *where, GError **error);
/* The accelerator that counts; NULL: none was named.  *ret_class is NULL too where its name is wrong. */
bool vt_command_line_accel(const VtCommandLine *line, const VtSource **ret_source, const VtClassInfo **ret_class,
                           GError **error);

/* ---- models (option-model.c) ---------------------------------------------------------------------------- */

/* Lays the value of an option with class suffixes, which replaces an earlier one. */
void vt_option_add_model(VtCommandLine *line, const VtOption *option, VtSource *source);
bool vt_option_open_model(const VtSource *source, const VtContext *ctx, VtCreation *ret_creation, GError **error);
/* "qemu64" for the class of @option's that is called so on @target and below; NULL: it is none of them. */
char *vt_option_model_name(const VtOption *option, const VtLayer *layer, const VtClass *row, uint16_t target);

/* ---- the program's options ------------------------------------------------------------------------------ */

/* The string that the program's option @name was given, or NULL. */
const char *vt_command_line_str(const VtCommandLine *line, const char *name);
