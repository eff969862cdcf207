/* SPDX-License-Identifier: MIT */
/*
 * Import: a VM that another program runs or describes, as a configuration of ours.
 *
 * What the configuration cannot have is left out, and named in one line each.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <json-c/json_types.h>

#include "vt-runtime/options.h"

typedef struct VtEngineImport {
    const VtProgram *program;
    const VtSchema *schema;
    const char *target;    /* NULL: that of the words, or the default one */
    const char *release;   /* of the QEMU; NULL: not known, so the newest one */
    const char *directory; /* in which relative paths are; NULL: this one */
    GPtrArray *left;       /* gets a line for each part that the configuration does not have */
} VtEngineImport;

typedef struct VtEngineImported {
    VtCommandLine *line; /* names the machine with its version, and the platform version */
    char **words;        /* of @line */
    json_object *config; /* {OPTION: VALUE or [VALUE, …]} */
} VtEngineImported;

void vt_engine_imported_clear(VtEngineImported *imported);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtEngineImported, vt_engine_imported_clear)

/*
 * Reads @words, the options of a command line of QEMU without the name of its program. The platform version is the one
 * that has the defaults of the release. Values that are the defaults are left out, and paths are absolute. Fails if no
 * part of @words is a VM.
 */
bool vt_engine_import_words(const VtEngineImport *import, char *const *words, VtEngineImported *ret_imported,
                            GError **error);
/* Removes members of objects of @config that are the defaults in @ctx; with @late, the globals instead, and members whose
 * default follows from other values. */
void vt_engine_import_reduce(VtContext *ctx, const VtProgram *program, json_object *config, bool late);
