/* SPDX-License-Identifier: MIT */
/*
 * Merging a struct that is given in several options: "-smp 4" and "-smp cores=2".
 */
#include "visit/visit-private.h"

static bool
is_inline_struct(const VtRow *row)
{
    return row->kind == VT_KIND_STRUCT && !(row->flags & (VT_ROW_LIST | VT_ROW_BOXED));
}

void
vt_visit_merge(const VtSchema *schema, const VtRow *row, void *fresh, const void *old)
{
    const VtLayer *home;
    const VtType *type;

    if (!is_inline_struct(row)) {
        return;
    }
    home = vt_schema_type_layer(schema, row->type);
    type = vt_schema_type(schema, row->type);
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *member = &home->rows[type->first + i];
        uint64_t *given = vt_given_word(fresh, type->words_offset, member->bit), mask = UINT64_C(1)
                                                                                        << (member->bit % 64);
        char *field = (char *)fresh + member->offset;
        const char *source = (const char *)old + member->offset;

        if (!vt_is_given(old, type->words_offset, member->bit)) {
            continue;
        }
        if (*given & mask) {
            vt_visit_merge(schema, member, field, source);
            continue;
        }
        vt_field_clear(schema, home, member, field);
        vt_field_copy(schema, home, member, field, source);
        *given |= mask;
        given[type->words] |= mask;
    }
}
