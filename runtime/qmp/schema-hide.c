/* SPDX-License-Identifier: MIT */
/*
 * The introspection without what the user hides from clients: as in QEMU, what is deprecated, but not what is unstable.
 */
#include "qmp-merge.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-runtime/output.h"

#define DEPRECATED "deprecated"
#define OLD_VALUES "values" /* of an enum: a deprecated member of the answer */

static bool
is_deprecated(json_object *entry)
{
    json_object *features = json_object_object_get(entry, "features");

    for (size_t i = 0; features && i < json_object_array_length(features); i++) {
        if (strcmp(json_object_get_string(json_object_array_get_idx(features, i)), DEPRECATED) == 0) {
            return true;
        }
    }
    return false;
}

static void
remove_deprecated(json_object *list)
{
    for (size_t i = list ? json_object_array_length(list) : 0; i-- > 0;) {
        if (is_deprecated(json_object_array_get_idx(list, i))) {
            json_object_array_del_idx(list, i, 1);
        }
    }
}

bool
vt_qmp_hides_schema(const VtService *service)
{
    return vt_service_output_flags(service) & VT_OUTPUT_NO_DEPRECATED;
}

void
vt_qmp_hide_in_schema(json_object *schema)
{
    remove_deprecated(schema);
    for (size_t i = 0; i < json_object_array_length(schema); i++) {
        json_object *entry = json_object_array_get_idx(schema, i);
        json_object *members = json_object_object_get(entry, "members");

        if (json_object_is_type(members, json_type_array)) {
            remove_deprecated(members);
        }
        json_object_object_del(entry, OLD_VALUES);
    }
}
