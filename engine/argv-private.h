/* SPDX-License-Identifier: MIT */
/*
 * Internals of the command line. Each file uses only files before it in this list: argv-secret.c (secrets),
 * argv-drive.c (-drive), argv-object.c (options that create objects), argv-options.c (other options), argv.c.
 */
#pragma once

#include "vt-engine/argv.h"

/* An object and its stated values. */
typedef struct EngineObject {
    VtObject *object;
    GArray *values;        /* of VtEngineValue; NULL: it has a creation */
    json_object *creation; /* that the engine gets in its place; NULL: none; owned */
    bool used;             /* another object refers to it */
    const VtObject *slot;  /* of the board, which has this drive; NULL: none */
} EngineObject;

typedef struct EngineArgv {
    VtCommandLine *line;
    const VtProgram *program;
    VtVm *vm;
    VtContext *ctx;
    const VtEngineTerms *terms;
    const VtEngineArgvRules *rules;
    GArray *objects;   /* of EngineObject, in order */
    GArray *arguments; /* of VtEngineArgument */
    GError *failed;    /* of an option; NULL: none */
} EngineArgv;

/* Appends an argument. Takes ownership of @text, which may be NULL. Returns it. */
VtEngineArgument *engine_argv_add(EngineArgv *argv, const char *option, char *text);
/* Adds a note for each of @values that the user did not set. @only: for this member; NULL: for all. */
void engine_argv_note(VtEngineArgument *argument, const VtObject *object, const GArray *values, const char *only);

/* Moves sensitive texts of a creation, or of the value of an option, to files that the engine inherits. */
bool engine_argv_hide_in_creation(EngineArgv *argv, const VtClassInfo *info, json_object *creation, GError **error);
bool engine_argv_hide_in_option(EngineArgv *argv, const VtOption *option, json_object *value, GError **error);

/* The text of -drive for @drive, a block backend; the caller frees it. */
char *engine_argv_drive(const EngineArgv *argv, const EngineObject *drive);
/* Adds the argument that creates @one, unless another argument does. */
bool engine_argv_add_object(EngineArgv *argv, const EngineObject *one, GError **error);
/* Adds the flags that each engine has. */
void engine_argv_add_fixed(EngineArgv *argv);
/* Adds the machine, and the options of members that the engine has as options. */
void engine_argv_add_machine(EngineArgv *argv, const EngineObject *machine);
/* Adds -serial and -parallel, which have no numbers: their order counts. */
void engine_argv_add_ports(EngineArgv *argv);
/* Adds the program's own options and the globals. */
bool engine_argv_add_options(EngineArgv *argv, GError **error);
