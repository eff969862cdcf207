/* SPDX-License-Identifier: MIT */
#include "vt-runtime/history.h"

#include <json-c/json.h>

#include "resolve/context-private.h"
#include "schema/row-private.h"
#include "vt-runtime/output.h"

unsigned
vt_history_length(const VtProp *prop)
{
    return prop->timeline ? prop->timeline->count : 0;
}

VtHistoryRow
vt_history_row(const VtSchema *schema, const VtProp *prop, unsigned index)
{
    const VtLayer *layer = prop->default_layer;
    const VtEntry *entry = &layer->entries[prop->timeline->first + index];
    const VtScope *scope = &layer->scopes[entry->scope];
    const char *why = vt_text(layer->texts, entry->why);
    VtHistoryRow row = {.entry = entry, .axis = prop->timeline->axis, .needs = &layer->needs[entry->needs]};

    if (!entry->needs) {
        static const uint16_t none = 0;

        row.needs = &none;
    }
    if (entry->since) {
        row.since = vt_schema_version_name(schema, row.axis, entry->since);
    }
    if (entry->release) {
        row.release = vt_schema_version_name(schema, VT_AXIS_RELEASE, entry->release);
    }
    if (entry->scope) {
        row.family = scope->family ? vt_str(layer, scope->family) : NULL;
        row.accel = scope->accel ? vt_str(layer, scope->accel) : NULL;
        row.targets = scope->targets;
    }
    row.why = why && *why ? why : NULL;
    row.line = vt_text_line(layer->texts, entry->why);
    row.file = row.line ? vt_str(layer, prop->timeline->file) : NULL;
    return row;
}

json_object *
vt_entry_value(const VtContext *ctx, const VtProp *prop, const VtEntry *entry)
{
    g_autofree void *field = g_malloc0(vt_field_size(ctx->schema, prop->layer, prop->row));
    json_object *value = NULL;

    if (vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row, field)) {
        value = vt_output_field(ctx->schema, prop->layer, prop->row, field, VT_OUTPUT_NAMES);
        vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    }
    return value;
}
