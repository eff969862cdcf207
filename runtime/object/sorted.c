/* SPDX-License-Identifier: MIT */
#include "sorted.h"

/* The first position whose element is not less than @element. */
static guint
position(const GPtrArray *array, const void *element, VtCompare compare)
{
    guint low = 0, high = array->len;

    /* Most new elements belong at the end. */
    if (high && compare(array->pdata[high - 1], element) < 0) {
        return high;
    }
    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (compare(array->pdata[middle], element) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void
vt_sorted_insert(GPtrArray *array, void *element, VtCompare compare)
{
    g_ptr_array_insert(array, (int)position(array, element, compare), element);
}

guint
vt_sorted_find(const GPtrArray *array, const void *element, VtCompare compare)
{
    guint at = position(array, element, compare);

    g_assert(at < array->len && array->pdata[at] == element);
    return at;
}

void
vt_sorted_remove(GPtrArray *array, const void *element, VtCompare compare)
{
    g_ptr_array_remove_index(array, vt_sorted_find(array, element, compare));
}
