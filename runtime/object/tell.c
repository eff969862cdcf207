/* SPDX-License-Identifier: MIT */
/*
 * Computed read-only members of a config.
 */
#include <string.h>

#include "schema/schema-private.h"
#include "vt-runtime/config.h"
#include "vt-runtime/input.h"
#include "vt-runtime/object.h"

void
vt_config_fill_read_only(VtConfig *config)
{
    const VtClassPrivate *class = vt_class_private(config->info);

    for (size_t i = 0; i < class->n_ops; i++) {
        if (class->ops[i]->fill_read_only) {
            class->ops[i]->fill_read_only(config);
        }
    }
}

void
vt_config_set_read_only(VtConfig *config, const char *member, const char *json)
{
    const VtSchema *schema = config->info->schema;
    const VtProp *prop = vt_class_prop(config->info, member, strlen(member));
    g_autoptr(VtInput) input = vt_input_new_json(json, strlen(json), member);
    void *field;
    bool ok;

    g_assert(prop && (prop->cold->features & VT_FEATURE_READ_ONLY));
    field = vt_config_field(config, prop);
    vt_field_clear(schema, prop->layer, prop->row, field);
    ok = vt_input_visit_value(input, schema, NULL, prop->layer, prop->row, field, NULL);
    g_assert(ok);
    vt_config_set_present(config, prop, true);
}
