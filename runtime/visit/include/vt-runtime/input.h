/* SPDX-License-Identifier: MIT */
/*
 * Input: a value that somebody wrote (text-input.h), decoded by the tables.
 *
 * JSON text is decoded in one pass without a tree.  The visits pull from a cursor and never know which of the
 * three it is.  On failure nothing is left behind, and the error begins with the position:
 * WHERE ":" LINE ":" COLUMN for files, WHERE and the member's path for the rest.
 */
#pragma once

#include "vt-runtime/context.h"
#include "vt-runtime/text-input.h"

/*
 * Decodes a creation ({"driver": "virtio-blk-pci", "id": "v", …}) over the image of its class in @ctx:
 * tag, class, then the class's members; members ahead of the tag are skipped and revisited.
 * NULL on error: unknown class or member (with a suggestion), abstract or not user-creatable class, missing or
 * malformed id, wrong type, value out of range, repeated key, deprecated-by-target member.
 */
VtConfig *vt_input_visit_creation(VtInput *input, VtContext *ctx, const VtClassInfo *root, GError **error);

/* Lays members over an existing config of its class (machine options, mutable members); "id" and the tag are unknown.
 */
bool vt_input_visit_members(VtInput *input, VtContext *ctx, VtConfig *config, GError **error);

/* Decodes into a plain struct type: @data is zeroed memory of the type's size; base defaults are applied
 * (@ctx may be NULL for types without versioned defaults).  On failure @data is cleared. */
bool vt_input_visit_type(VtInput *input, const VtSchema *schema, VtContext *ctx, uint16_t type, void *data,
                         GError **error);
/* Decodes one value of @row's kind into @field (offset and bits of the row are not used). */
bool vt_input_visit_value(VtInput *input, const VtSchema *schema, VtContext *ctx, const VtLayer *layer,
                          const VtRow *row, void *field, GError **error);

/* A -global.  Refused for an unknown class or member, a value that does not fit, or once an image exists. */
bool vt_context_add_global(VtContext *ctx, const char *driver, const char *property, const char *value,
                           const char *where, GError **error);
