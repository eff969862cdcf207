/* SPDX-License-Identifier: MIT */
/*
 * Changes of values by -set GROUP.ID.KEY=VALUE: they add a setting to an earlier value.
 */
#include "options-private.h"

#include <string.h>

#include "vt-runtime/error.h"
#include "vt-runtime/wipe.h"

struct VtChange {
    const VtOption *option; /* whose value it changes */
    char *id, *key, *value;
    guint position; /* of -set */
    bool used;
};

void
vt_change_free(VtChange *change)
{
    g_free(change->id);
    g_free(change->key);
    vt_wipe_str(change->value);
    g_free(change);
}

bool
vt_option_add_change(VtCommandLine *line, const char *text, guint position, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *path = g_strndup(text, equals ? (size_t)(equals - text) : 0);
    g_auto(GStrv) parts = g_strsplit(path, ".", 3);
    const char *name = vt_option_role_name(line, VT_ROLE_CHANGE);
    const VtOption *option;
    VtChange *change;

    if (g_strv_length(parts) != 3 || !*parts[0] || !*parts[1] || !*parts[2]) {
        return vt_error_set(error, "-%s %.*s: expected GROUP.ID.KEY=VALUE", name, (int)strcspn(text, "="), text);
    }
    option = vt_option_of_section(line->program, "group", parts[0], error);
    if (!option) {
        g_prefix_error(error, "-%s %s: ", name, path);
        return false;
    }
    if (option->flags & VT_OPTION_SENSITIVE) {
        return vt_error_set(error, "-%s %s: values of '%s' cannot be changed", name, path, parts[0]);
    }
    change = g_new0(VtChange, 1);
    *change = (VtChange){option, g_strdup(parts[1]), g_strdup(parts[2]), g_strdup(equals + 1), position, false};
    g_ptr_array_add(line->changes, change);
    return true;
}

void
vt_option_change(VtCommandLine *line, const VtOption *option, VtSource *source)
{
    g_autofree char *id = NULL;

    if (!line->changes->len || !vt_source_is_text(source)) {
        return;
    }
    id = vt_source_member(source, "id");
    for (guint i = 0; id && i < line->changes->len; i++) {
        VtChange *change = g_ptr_array_index(line->changes, i);

        if (change->option == option && change->position > line->position && strcmp(change->id, id) == 0) {
            GString *text;

            g_free(vt_source_cut(source, change->key));
            text = g_string_sized_new(strlen(source->text) + strlen(change->value) * 2 + UINT8_MAX);
            g_string_append(text, source->text);
            vt_setting_append(text, change->key, change->value);
            vt_source_set_text(source, g_string_free(text, FALSE));
            change->used = true;
        }
    }
}

bool
vt_option_check_changes(const VtCommandLine *line, GError **error)
{
    for (guint i = 0; i < line->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(line->changes, i);

        if (!change->used) {
            const char *name = vt_option_section_name(change->option);

            return vt_error_set(error, "-%s %s.%s.%s: no %s '%s' precedes it",
                                vt_option_role_name(line, VT_ROLE_CHANGE), name, change->id, change->key, name,
                                change->id);
        }
    }
    return true;
}
