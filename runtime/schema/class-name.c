/* SPDX-License-Identifier: MIT */
/*
 * Names of classes. The end of some names depends on the target: "qemu64-x86_64-cpu" of the tables is
 * "qemu64-i386-cpu" on i386.
 */
#include <string.h>

#include "schema/schema-private.h"

static bool
is_suffixed(const VtClass *row)
{
    return row->flags & VT_CLASS_SUFFIXED;
}

static bool
has_target(const VtClass *row, uint16_t target)
{
    return !row->targets || (row->targets & target);
}

/* Returns the offset of @suffix in @name, or -1. The name of a base class is the suffix without its first character. */
static ptrdiff_t
suffix_at(const char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    if (strcmp(name, suffix + 1) == 0) {
        return 0;
    }
    return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0 ? (ptrdiff_t)(len - suffix_len) : -1;
}

/* Returns the offset of a suffix of any target in @name, or -1. */
static ptrdiff_t
any_suffix_at(const VtLayer *layer, const char *name)
{
    ptrdiff_t at = -1;

    for (unsigned bit = 0; bit < VT_N_TARGETS && at < 0; bit++) {
        at = layer->suffixes[bit] ? suffix_at(name, layer->suffixes[bit]) : -1;
    }
    return at;
}

const char *
vt_class_name_on(const VtLayer *layer, const char *name, unsigned bit, char buffer[VT_CLASS_NAME_MAX])
{
    const char *suffix = layer->suffixes ? layer->suffixes[bit] : NULL;
    ptrdiff_t at = suffix ? any_suffix_at(layer, name) : -1;

    if (at < 0 || strcmp(name + at, suffix + !at) == 0) {
        return NULL;
    }
    g_snprintf(buffer, VT_CLASS_NAME_MAX, "%.*s%s", (int)at, name, suffix + !at);
    return buffer;
}

/* Returns @name, which has the suffix of some target, with that of @target; owned by the schema. */
static const char *
spelled(const VtSchema *schema, const VtLayer *layer, const char *name, uint16_t target)
{
    char buffer[VT_CLASS_NAME_MAX];

    if (!vt_class_name_on(layer, name, __builtin_ctz(target), buffer)) {
        return name;
    }
    if (!schema->lazy->spellings) {
        schema->lazy->spellings = g_string_chunk_new(256);
    }
    return g_string_chunk_insert_const(schema->lazy->spellings, buffer);
}

const char *
vt_class_row_name(const VtSchema *schema, const VtLayer *layer, const VtClass *row, uint16_t target)
{
    const char *name = vt_str(layer, row->name);

    return is_suffixed(row) && target && has_target(row, target) ? spelled(schema, layer, name, target) : name;
}

const char *
vt_alias_name(const VtSchema *schema, const VtLayer *layer, const VtAlias *alias, uint16_t target)
{
    const VtClass *row = &layer->classes[alias->class_id - layer->first_class];
    const char *name = vt_str(layer, alias->name);

    return is_suffixed(row) && target && has_target(row, target) ? spelled(schema, layer, name, target) : name;
}

size_t
vt_class_stem_len(const VtLayer *layer, const VtClass *row)
{
    const char *name = vt_str(layer, row->name);

    return is_suffixed(row) ? (size_t)any_suffix_at(layer, name) : strlen(name);
}

/* Returns whether @name is the name of the class on the current target, or on any target that has the class if the
 * current one has not. */
bool
vt_class_row_is_called(const VtSchema *schema, const VtLayer *layer, const VtClass *row, const char *name)
{
    uint16_t current = schema->lazy->target;

    if (!is_suffixed(row)) {
        return strcmp(vt_str(layer, row->name), name) == 0;
    }
    if (current && has_target(row, current)) {
        return strcmp(vt_class_row_name(schema, layer, row, current), name) == 0;
    }
    for (unsigned bit = 0; bit < VT_N_TARGETS; bit++) {
        if (has_target(row, (uint16_t)(1u << bit)) &&
            strcmp(vt_class_row_name(schema, layer, row, (uint16_t)(1u << bit)), name) == 0) {
            return true;
        }
    }
    return false;
}
