/* SPDX-License-Identifier: MIT */
#include "tool-diff-groups.h"

#include <string.h>

#include "tool.h"

/* ---- selection ----------------------------------------------------------------------------------------- */

/* The machine, "/machine", is also "machine". */
static bool
has_name(const VtDiff *change, const char *pattern)
{
    const VtClassInfo *class = change->class;

    return g_pattern_match_simple(pattern, change->key) ||
           (change->key[0] == '/' && g_pattern_match_simple(pattern, change->key + 1)) ||
           g_pattern_match_simple(pattern, class->name) || (class->tag && g_pattern_match_simple(pattern, class->tag));
}

/* A name may have dots: each may be the one before the property. */
bool
diff_matches(const VtDiff *change, const char *pattern)
{
    if (has_name(change, pattern)) {
        return true;
    }
    for (const char *dot = strchr(pattern, '.'); dot && change->property; dot = strchr(dot + 1, '.')) {
        g_autofree char *name = g_strndup(pattern, (gsize)(dot - pattern));

        if (g_pattern_match_simple(dot + 1, change->property) && has_name(change, name)) {
            return true;
        }
    }
    return false;
}

static bool
is_selected(const VtDiff *change, const DiffFilter *filter)
{
    bool found = !filter->patterns->len;

    for (guint i = 0; i < filter->patterns->len && !found; i++) {
        found = diff_matches(change, filter->patterns->pdata[i]);
    }
    return found && (!filter->guest || change->guest) && (!filter->defaults || !change->given) &&
           (!filter->given || change->given);
}

void
diff_filter(GArray *changes, const DiffFilter *filter)
{
    for (guint i = changes->len; i-- > 0;) {
        if (!is_selected(&g_array_index(changes, VtDiff, i), filter)) {
            g_array_remove_index(changes, i);
        }
    }
}

/* ---- groups -------------------------------------------------------------------------------------------- */

/* Equal for changes with one cause.  The caller frees it. */
static char *
cause_of(const VtDiff *change)
{
    g_autofree char *from = tool_value_text(change->from), *to = tool_value_text(change->to);

    return g_strdup_printf("%d %s:%u %s %s\n%s\n%s", change->guest, change->file ? change->file : "", change->line,
                           change->since ? change->since : "", change->property ? change->property : "", from, to);
}

static void
group_clear(void *opaque)
{
    DiffGroup *group = opaque;

    g_ptr_array_unref(group->keys);
}

static void
add(GArray *groups, GHashTable *by_cause, const VtDiff *change)
{
    char *cause = cause_of(change);
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(by_cause, cause));

    if (number) {
        g_free(cause);
    } else {
        DiffGroup new = {change, g_ptr_array_new()};

        g_array_append_val(groups, new);
        number = groups->len;
        g_hash_table_insert(by_cause, cause, GUINT_TO_POINTER(number));
    }
    g_ptr_array_add(g_array_index(groups, DiffGroup, number - 1).keys, change->key);
}

GArray *
diff_groups_new(const GArray *changes)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(DiffGroup));
    g_autoptr(GHashTable) by_cause = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    g_array_set_clear_func(groups, group_clear);
    for (int guest = 1; guest >= 0; guest--) {
        for (guint i = 0; i < changes->len; i++) {
            const VtDiff *change = &g_array_index(changes, VtDiff, i);

            if (change->guest == (guest == 1)) {
                add(groups, by_cause, change);
            }
        }
    }
    return groups;
}
