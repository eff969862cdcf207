/* SPDX-License-Identifier: MIT */
/*
 * Errors of the machine name the option that the user wrote: options such as -smp set members of the machine.
 */
#include "options-private.h"

#include <string.h>

#include <json-c/json.h>

/* The last option that set the member @key of the machine, or NULL. */
static const VtSource *
blamed_source(const VtCommandLine *line, const char *key)
{
    for (guint i = line->machine->len; i-- > 0;) {
        const VtSource *source = g_ptr_array_index(line->machine, i);
        json_object *value;

        if (source->tree && json_object_is_type(source->tree, json_type_object) &&
            json_object_object_get_ex(source->tree, key, &value)) {
            return source;
        }
    }
    return NULL;
}

void
vt_option_blame(const VtCommandLine *line, const char *machine, GError *error)
{
    g_autofree char *prefix =
        g_strdup_printf("-%s %s: ", vt_option_role_name(line, VT_ROLE_MACHINE), machine ? machine : "");
    g_autofree char *rest = NULL;
    g_autofree char *key = NULL;
    const VtSource *source;
    size_t len;

    if (!g_str_has_prefix(error->message, prefix)) {
        return;
    }
    rest = g_strdup(error->message + strlen(prefix));
    len = strcspn(rest, ":");
    key = g_strndup(rest, len);
    source = blamed_source(line, key);
    /* The message names another argument, or an option, or a machine that the user did not name. */
    if (*rest != '-' && !source && line->machine_name) {
        return;
    }
    g_free(error->message);
    error->message = source && rest[len] ? g_strdup_printf("%s: %s", source->where, rest + len + 2) : g_strdup(rest);
}
