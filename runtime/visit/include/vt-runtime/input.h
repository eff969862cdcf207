/* SPDX-License-Identifier: MIT */
/*
 * Input: decode a value from a user or a client (text-input.h) by the tables.
 *
 * JSON text is decoded in one pass without a tree. The visits read from a cursor, which is the same for all kinds of
 * input. An error begins with the position: WHERE ":" LINE ":" COLUMN for files, else WHERE and the path of the member.
 * Main thread only.
 */
#pragma once

#include "vt-runtime/codec.h"
#include "vt-runtime/context.h"
#include "vt-runtime/text-input.h"

/*
 * Decodes a creation ({"driver": "virtio-blk-pci", "id": "v", …}) over a copy of the class's image in @ctx. Members
 * before the tag are skipped, and decoded when the class is known. Returns a config owned by the caller.
 *
 * Returns NULL and sets @error on failure:
 *   - The class is unknown, abstract, of another target, or not creatable by users.
 *   - The id is missing or malformed.
 *   - A member is unknown, repeated, of another target, or required and missing.
 *   - A value has the wrong type or is out of range.
 */
VtConfig *vt_input_visit_creation(VtInput *input, VtContext *ctx, const VtClassInfo *root, GError **error);

/*
 * Decodes members over an existing config (machine options, mutable members). "id" and the tag are unknown members.
 * Returns false and sets @error on failure. The failed member keeps its old value; members before it have their new
 * values.
 */
bool vt_input_visit_members(VtInput *input, VtContext *ctx, VtConfig *config, GError **error);

/* Decodes into @data, which is zeroed memory of the size of @type: a struct, union or alternate. Applies defaults; a
 * NULL @ctx gives base defaults only. On failure returns false, sets @error and clears @data. */
bool vt_input_visit_type(VtInput *input, const VtSchema *schema, VtContext *ctx, uint16_t type, void *data,
                         GError **error);
/* Decodes one value of @row into @field, which must be zeroed. Ignores VtRow.offset and VtRow.bit. @layer is the layer
 * of @row; @ctx may be NULL. On failure returns false, sets @error and clears @field. */
bool vt_input_visit_value(VtInput *input, const VtSchema *schema, VtContext *ctx, const VtLayer *layer,
                          const VtRow *row, void *field, GError **error);

/* Decodes what drivers find devices of @info by into @data, a zeroed struct of the type that the bus type names.
 * vt_identity_clear() frees what it owns.  Returns false, and leaves @data unchanged, if the class has none. */
bool vt_identity_read(const VtClassInfo *info, void *data);
void vt_identity_clear(const VtClassInfo *info, void *data);

/* The settings of a text that has a form: a struct of the type that the schema states for the scalar. */
typedef struct VtForm {
    const VtSchema *schema;
    uint16_t type;
    void *settings;
} VtForm;
/* Decodes @text, a value of the string scalar with the codec @codec.  An empty text of a form leaves its member out.
 * Returns NULL and sets @error on failure. */
VtForm *vt_form_read(const VtSchema *schema, const VtCodec *codec, const char *text, GError **error);
void vt_form_free(VtForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtForm, vt_form_free)

/*
 * Adds a -global. @where (not NULL) is its position in errors. Returns false and sets @error for an unknown class or
 * member, one of another target, an internal or read-only member, or an invalid value. Also fails once @ctx has an
 * image. The code of the error about a class that the target lacks is VT_ERROR_DEVICE_NOT_FOUND. @quiet: no warning if
 * no object uses it.
 */
bool vt_context_add_global(VtContext *ctx, const char *driver, const char *property, const char *value,
                           const char *where, bool quiet, GError **error);

/* ---- definitions from outside the program ---------------------------------------------------------------- */

/*
 * Reads definitions of machines and platform versions: @path is a file, or a directory whose files (*.json) are read in
 * the order of their names. Each file is checked as if it were part of the schema. A file that was read before is
 * skipped. On failure, names of other files may be known.
 */
bool vt_schema_load(const VtSchema *schema, const char *path, GError **error);
/* Reads a list of paths, separated by colons.  NULL: none. */
bool vt_schema_load_paths(const VtSchema *schema, const char *paths, GError **error);
#define VT_SCHEMA_PATH "VINTAGE_SCHEMA_PATH" /* the environment variable with such a list */

/* Adds the defaults of the machine overlay of @ctx, if it has one, as vt_context_add_global() does.  They are valid. */
void vt_context_add_vendor_defaults(VtContext *ctx);
