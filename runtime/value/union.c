/* SPDX-License-Identifier: MIT */
/*
 * Which branch of a union a value has.
 */
#include "value/value-private.h"

uint16_t
vt_union_branch(const VtLayer *layer, const VtType *type, const void *data)
{
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (row->flags & VT_ROW_TAG) {
            uint32_t value = *(const uint32_t *)((const char *)data + row->offset);

            for (unsigned j = 0; j < type->n_branches; j++) {
                if (layer->branches[type->first_branch + j].value == value) {
                    return layer->branches[type->first_branch + j].type;
                }
            }
        }
    }
    return 0;
}
