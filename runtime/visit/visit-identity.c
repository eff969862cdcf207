/* SPDX-License-Identifier: MIT */
/*
 * What drivers find devices by: the JSON text of a class, as the struct of its bus type.
 */
#include <string.h>

#include "vt-runtime/config.h"
#include "vt-runtime/input.h"

static uint16_t
type_of(const VtClassInfo *info)
{
    const char *type = vt_schema_bus_identity(info->schema, vt_str(info->layer, info->row->plugs_into));

    return type ? vt_schema_find_type(info->schema, type) : 0;
}

bool
vt_identity_read(const VtClassInfo *info, void *data)
{
    const char *text = vt_str(info->layer, info->row->identity);
    g_autoptr(VtInput) input = *text ? vt_input_new_json(text, strlen(text), info->name) : NULL;

    return input && vt_input_visit_type(input, info->schema, NULL, type_of(info), data, NULL);
}

void
vt_identity_clear(const VtClassInfo *info, void *data)
{
    vt_struct_clear(info->schema, type_of(info), data);
}
