/* SPDX-License-Identifier: MIT */
/*
 * In which defaults one machine version differs from another, as clients ask for it.
 */
#include <string.h>

#include <json-c/json.h>

#include "context-private.h"
#include "schema/field-private.h"
#include "schema/schema-private.h"
#include "vt-runtime/output.h"

/* The entry's value as a command line would write it; absence is an empty text. */
static char *
entry_text(const VtContext *ctx, const VtProp *prop, const VtEntry *entry)
{
    size_t size = vt_field_size(ctx->schema, prop->layer, prop->row);
    g_autofree void *field = g_malloc0(size);
    char *text = NULL;

    if (entry && vt_entry_settle(ctx->schema, ctx, prop->default_layer, entry, prop->layer, prop->row, field)) {
        text = vt_output_text(ctx->schema, prop->layer, prop->row, field);
        vt_field_clear(ctx->schema, prop->layer, prop->row, field);
    }
    return text ? text : g_strdup("");
}

/* A default that machine versions may have otherwise. */
typedef struct Candidate {
    const VtClassInfo *info;
    const VtProp *prop;
    const VtEntry *newest; /* what the newest machine has; NULL: nothing */
    char *newest_text;     /* NULL: not known yet */
    /* Neighbouring versions mostly have the same. */
    const VtEntry *last; /* what was asked for last */
    json_object *row;    /* its; NULL: it has no other text than the newest */
} Candidate;

struct VtCompatProps {
    const VtContext *newest;
    GArray *candidates; /* of Candidate */
};

static void
candidate_clear(void *opaque)
{
    Candidate *self = opaque;

    g_free(self->newest_text);
    json_object_put(self->row);
}

/* One entry that always counts is the same in each version. */
static bool
may_differ(const VtProp *prop)
{
    const VtTimeline *timeline = prop->timeline;

    return timeline && timeline->axis == VT_AXIS_MACHINE && !prop->hidden &&
           (timeline->count > 1 || prop->default_layer->entries[timeline->first].since);
}

VtCompatProps *
vt_compat_props_new(const VtContext *newest)
{
    VtCompatProps *self = g_new0(VtCompatProps, 1);

    self->newest = newest;
    self->candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    g_array_set_clear_func(self->candidates, candidate_clear);
    for (const VtClassInfo *const *info = vt_schema_classes(newest->schema); *info; info++) {
        bool exists = !(*info)->row->targets || ((*info)->row->targets & newest->target);

        for (size_t i = 0;
             exists && !vt_class_is_abstract(*info) && !vt_class_is_machine(*info) && i < (*info)->n_props; i++) {
            const VtProp *prop = &(*info)->props[i];

            if (may_differ(prop)) {
                Candidate candidate = {.info = *info, .prop = prop};

                candidate.last = candidate.newest =
                    vt_timeline_resolve(newest, prop->default_layer, prop->timeline, NULL, NULL);
                g_array_append_val(self->candidates, candidate);
            }
        }
    }
    return self;
}

void
vt_compat_props_free(VtCompatProps *self)
{
    if (self) {
        g_array_unref(self->candidates);
        g_free(self);
    }
}

/* Its text is made once, for all the lists that it is put in. */
static json_object *
new_row(const Candidate *candidate, const char *value)
{
    json_object *row = json_object_new_object();
    char *text;

    json_object_object_add(row, "qom-type", json_object_new_string(candidate->info->name));
    json_object_object_add(row, "property", json_object_new_string(candidate->prop->name));
    json_object_object_add(row, "value", json_object_new_string(value));
    text = strdup(json_object_to_json_string_ext(row, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_set_serializer(row, json_object_userdata_to_json_string, text, json_object_free_userdata);
    return row;
}

/* The row of what @ctx has, borrowed; NULL: the same as the newest. */
static json_object *
find_row(const VtCompatProps *self, Candidate *candidate, const VtContext *ctx)
{
    const VtProp *prop = candidate->prop;
    const VtEntry *entry = vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL);

    /* What stands inside of a struct may differ where the entry does not. */
    if (entry != candidate->last || (entry && entry != candidate->newest && vt_row_is_composite(prop->row))) {
        g_autofree char *text = entry == candidate->newest ? NULL : entry_text(ctx, prop, entry);

        if (!candidate->newest_text) {
            candidate->newest_text = entry_text(self->newest, prop, candidate->newest);
        }
        json_object_put(candidate->row);
        candidate->row = text && strcmp(text, candidate->newest_text) != 0 ? new_row(candidate, text) : NULL;
        candidate->last = entry;
    }
    return candidate->row;
}

json_object *
vt_compat_props_list(VtCompatProps *self, const VtContext *ctx)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < self->candidates->len; i++) {
        json_object *row = find_row(self, &g_array_index(self->candidates, Candidate, i), ctx);

        if (row) {
            json_object_array_add(list, json_object_get(row));
        }
    }
    return list;
}
