/* SPDX-License-Identifier: MIT */
/*
 * Resolution of timelines: the narrowest scope with an applicable entry decides, and in it the newest entry.
 */
#include <string.h>

#include "resolve/context-private.h"

static bool
is_family(const VtContext *ctx, const char *name)
{
    if (!ctx) {
        return false;
    }
    for (const VtClassInfo *f = ctx->machine.family; f; f = f->parent) {
        if (strcmp(f->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool
scope_matches(const VtContext *ctx, const VtLayer *layer, uint16_t index)
{
    const VtScope *scope = &layer->scopes[index];

    if (!index) {
        return true;
    }
    if (scope->family && !is_family(ctx, vt_str(layer, scope->family))) {
        return false;
    }
    if (scope->accel && (!ctx || !ctx->accel || strcmp(ctx->accel, vt_str(layer, scope->accel)) != 0)) {
        return false;
    }
    return !scope->targets || (ctx && (scope->targets & ctx->target));
}

/* Returns the end of the entries with the scope of @first, which are adjacent. Doubles the step, then bisects. */
static unsigned
scope_end(const VtEntry *entries, unsigned first, unsigned count)
{
    unsigned step = 1, low = first, high;

    while (low + step < count && entries[low + step].scope == entries[first].scope) {
        low += step;
        step *= 2;
    }
    high = MIN(low + step, count);
    while (low + 1 < high) {
        unsigned middle = low + (high - low) / 2;

        if (entries[middle].scope == entries[first].scope) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

/* Returns the number of entries in [@first, @end) whose version is @version or older. */
static unsigned
reached(const VtEntry *entries, unsigned first, unsigned end, uint16_t version)
{
    unsigned low = first, high = end;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (entries[middle].since <= version) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - first;
}

static bool
counts(const VtContext *ctx, const VtLayer *layer, const VtEntry *entry, const VtResolveRule *rule)
{
    bool missing = false;

    if (ctx && entry->release > ctx->release) {
        return false;
    }
    for (const uint16_t *need = &layer->needs[entry->needs]; entry->needs && *need && !missing; need++) {
        missing = !ctx || *need == rule->without || !vt_platform_includes(ctx->platform, *need);
    }
    /* Evaluate the condition last: it is the expensive part. */
    return !missing || (entry->condition &&
                        !(rule->holds && rule->holds(&layer->conditions[entry->condition], layer, rule->opaque)));
}

static uint16_t
axis_version(const VtContext *ctx, uint8_t axis)
{
    if (!ctx) {
        return 0;
    }
    switch (axis) {
    case VT_AXIS_MACHINE:
        return ctx->machine.version;
    case VT_AXIS_PLATFORM:
        return vt_platform_version(ctx->platform);
    default:
        return 0;
    }
}

const VtEntry *
vt_timeline_resolve_by(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline,
                       const VtResolveRule *rule)
{
    const VtEntry *entries = &layer->entries[timeline->first];
    uint16_t version = axis_version(ctx, timeline->axis);
    unsigned end;

    for (unsigned first = 0; first < timeline->count; first = end) {
        end = scope_end(entries, first, timeline->count);
        if (!scope_matches(ctx, layer, entries[first].scope)) {
            continue;
        }
        for (unsigned n = reached(entries, first, end, version); n-- > 0;) {
            if (counts(ctx, layer, &entries[first + n], rule)) {
                return &entries[first + n];
            }
        }
    }
    return NULL;
}

const VtEntry *
vt_timeline_at(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline, uint16_t version)
{
    const VtEntry *entries = &layer->entries[timeline->first];

    for (unsigned first = 0, end; first < timeline->count; first = end) {
        end = scope_end(entries, first, timeline->count);
        if (!scope_matches(ctx, layer, entries[first].scope)) {
            continue;
        }
        for (unsigned n = reached(entries, first, end, version); n-- > 0;) {
            if (entries[first + n].release <= ctx->release) {
                return &entries[first + n];
            }
        }
        return NULL;
    }
    return NULL;
}

VtAxis
vt_entry_axis(const VtTimeline *timeline, const VtEntry *entry)
{
    if (entry->release) {
        return VT_AXIS_RELEASE;
    }
    /* Without an entry of a release, such a history is a base default. */
    return timeline->axis == VT_AXIS_RELEASE ? VT_AXIS_NONE : (VtAxis)timeline->axis;
}

const char *
vt_entry_since(const VtSchema *schema, const VtTimeline *timeline, const VtEntry *entry)
{
    VtAxis axis = vt_entry_axis(timeline, entry);
    uint16_t version = entry->release ? entry->release : entry->since;

    return version ? vt_schema_version_name(schema, axis, version) : NULL;
}

const VtEntry *
vt_timeline_resolve(const VtContext *ctx, const VtLayer *layer, const VtTimeline *timeline, VtConditionFunc holds,
                    const void *opaque)
{
    return vt_timeline_resolve_by(ctx, layer, timeline, &(VtResolveRule){.holds = holds, .opaque = opaque});
}
