/* SPDX-License-Identifier: MIT */
/*
 * Expansions: what the function of a late option can ask, and set.
 */
#include "option-late.h"

#include <stdarg.h>
#include <string.h>

#include "vt-runtime/error.h"

/* ---- for functions of options -------------------------------------------------------------------------- */

static const VtSource *
source_of(const VtExpansion *expansion, const void *value)
{
    size_t index = (size_t)((const char *)value - expansion->values) / expansion->size;

    g_assert(index < expansion->sources->len);
    return g_ptr_array_index(expansion->sources, index);
}

const VtSchema *
vt_expansion_schema(const VtExpansion *expansion)
{
    return expansion->line->schema;
}

const void *
vt_expansion_machine(const VtExpansion *expansion)
{
    return expansion->machine ? expansion->machine->data : NULL;
}

/* The row of the member at the path @member.  Adds the offset of the struct that holds it to *offset. */
static const VtRow *
find_row(const VtExpansion *expansion, const char *member, size_t *offset, const VtType **ret_type)
{
    const VtSchema *schema = expansion->line->schema;
    uint16_t number = expansion->option->type;

    for (;;) {
        const VtType *type = vt_schema_type(schema, number);
        const VtLayer *layer = vt_schema_type_layer(schema, number);
        size_t len = strcspn(member, ".");
        const VtRow *row = NULL;

        for (uint32_t i = 0; i < type->count && !row; i++) {
            const char *name = vt_str(layer, layer->rows[type->first + i].name);

            row = strncmp(name, member, len) == 0 && !name[len] ? &layer->rows[type->first + i] : NULL;
        }
        g_assert(row);
        if (!member[len]) {
            *ret_type = type;
            return row;
        }
        g_assert(row->kind == VT_KIND_STRUCT && !(row->flags & VT_ROW_BOXED));
        *offset += row->offset;
        number = row->type;
        member += len + 1;
    }
}

bool
vt_expansion_has(const VtExpansion *expansion, const void *value, const char *member)
{
    size_t offset = 0;
    const VtType *type;
    const VtRow *row = find_row(expansion, member, &offset, &type);

    return vt_is_present((const char *)value + offset, type->words_offset, type->words, row->bit);
}

static void
mark(const VtExpansion *expansion, void *value, const char *member)
{
    size_t offset = 0;
    const VtType *type;
    const VtRow *row = find_row(expansion, member, &offset, &type);
    uint32_t present = type->words_offset + type->words * (uint32_t)sizeof(uint64_t);

    *vt_given_word((char *)value + offset, present, row->bit) |= UINT64_C(1) << (row->bit % 64);
}

void
vt_expansion_mark(const VtExpansion *expansion, void *value, const char *member)
{
    /* A member of a member: both are present. */
    for (const char *dot = strchr(member, '.'); dot; dot = strchr(dot + 1, '.')) {
        g_autofree char *outer = g_strndup(member, (size_t)(dot - member));

        mark(expansion, value, outer);
    }
    mark(expansion, value, member);
}

bool
vt_expansion_is_default(const VtExpansion *expansion, const void *value)
{
    return source_of(expansion, value)->by_default;
}

void
vt_expansion_drop(VtExpansion *expansion, const void *value)
{
    expansion->dropped[(size_t)((const char *)value - expansion->values) / expansion->size] = true;
}

bool
vt_expansion_is_dropped(const VtExpansion *expansion, const void *value)
{
    return expansion->dropped[(size_t)((const char *)value - expansion->values) / expansion->size];
}

bool
vt_expansion_uses(const VtExpansion *expansion, const char *name)
{
    const VtCommandLine *line = expansion->line;

    for (uint32_t i = 0; i < line->program->n_options; i++) {
        if (line->used[i] && vt_option_is(line->program, &line->program->options[i], name)) {
            return true;
        }
    }
    return false;
}

bool
vt_expansion_fail(const VtExpansion *expansion, const void *value, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return vt_error_set(error, "%s: %s", vt_source_place(source_of(expansion, value)), text);
}
