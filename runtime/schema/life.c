/* SPDX-License-Identifier: MIT */
/*
 * Lives of names: the releases of QEMU that introduced, deprecated and removed them.
 */
#include <string.h>

#include "schema/qom-type.h"
#include "schema/schema-private.h"
#include "vt-gen/runtime.h"
#include "vt-runtime/error.h"

const VtLife *
vt_class_life(const VtClassInfo *info)
{
    return info->row->life ? &info->layer->lives[info->row->life] : NULL;
}

const VtLife *
vt_prop_life(const VtProp *prop)
{
    return prop->cold->life ? &prop->layer->lives[prop->cold->life] : NULL;
}

bool
vt_qom_life(const VtSchema *schema, const char *name, const VtLife **ret_life, const VtTexts **ret_texts)
{
    VtQomType type;
    uint16_t life;

    if (!vt_qom_find_type(schema, name, 0, &type) || type.class) {
        return false;
    }
    life = type.bus ? type.bus->life : type.row->life;
    *ret_life = life ? &type.layer->lives[life] : NULL;
    *ret_texts = type.layer->texts;
    return true;
}

VtLifeStage
vt_life_stage(const VtLife *life, uint16_t release)
{
    enum { FIRST, LAST };

    if (!life) {
        return VT_LIFE_IN_USE;
    }
    if (life->removed[LAST] && release >= life->removed[LAST]) {
        return VT_LIFE_REMOVED;
    }
    if (life->introduced[FIRST] && release < life->introduced[FIRST]) {
        return VT_LIFE_FUTURE;
    }
    if ((life->deprecated[FIRST] && release >= life->deprecated[FIRST]) ||
        (life->removed[FIRST] && release >= life->removed[FIRST])) {
        return VT_LIFE_DEPRECATED;
    }
    return VT_LIFE_IN_USE;
}

char *
vt_life_span_text(const VtSchema *schema, const uint8_t span[2])
{
    const char *first = span[0] ? vt_schema_version_name(schema, VT_AXIS_RELEASE, span[0]) : NULL;

    if (!first || span[0] == span[1]) {
        return first ? g_strdup_printf("release %s", first) : NULL;
    }
    return g_strdup_printf("one of the releases %s to %s", first,
                           vt_schema_version_name(schema, VT_AXIS_RELEASE, span[1]));
}

/* Warns of the use of a name, or applies the policy. */
static bool
judge(const VtLifeCheck *check, VtCompatPolicyInput policy, const char *text, GError **error)
{
    if (policy == VT_COMPAT_POLICY_INPUT_REJECT) {
        return vt_error_set(error, "%s, and such input is rejected", text);
    }
    if (policy == VT_COMPAT_POLICY_INPUT_CRASH) {
        g_error("%s", text);
    }
    if (check->warnings) {
        g_ptr_array_add(check->warnings, g_strdup(text));
    }
    return true;
}

void
vt_life_unique(GPtrArray *warnings)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    guint kept = 0;

    for (guint i = 0; i < warnings->len; i++) {
        char *text = warnings->pdata[i];

        if (g_hash_table_add(seen, text)) {
            warnings->pdata[kept++] = text;
        } else {
            g_free(text);
        }
    }
    for (guint i = kept; i < warnings->len; i++) {
        warnings->pdata[i] = NULL;
    }
    g_ptr_array_set_size(warnings, (gint)kept);
}

/* The stage that the check reports, or VT_LIFE_IN_USE. */
static VtLifeStage
reported_stage(const VtLifeCheck *check, const VtLife *life)
{
    VtLifeStage stage = life && check->release ? vt_life_stage(life, check->release) : VT_LIFE_IN_USE;

    return stage == VT_LIFE_FUTURE && !check->strict ? VT_LIFE_IN_USE : stage;
}

bool
vt_life_passes(const VtLifeCheck *check, const VtLife *life)
{
    return reported_stage(check, life) == VT_LIFE_IN_USE;
}

bool
vt_life_check_for(const VtLifeCheck *check, const VtLife *life, const char *why, const char *where, const char *what,
                  GError **error)
{
    VtLifeStage stage = reported_stage(check, life);
    g_autofree char *when = NULL;
    g_autofree char *text = NULL;

    if (stage == VT_LIFE_IN_USE) {
        return true;
    }
    if (stage == VT_LIFE_FUTURE) {
        when = vt_life_span_text(check->schema, life->introduced);
        text = g_strdup_printf("%s: %s does not exist in release %s; expected %s or newer", where, what,
                               vt_schema_version_name(check->schema, VT_AXIS_RELEASE, check->release), when);
    } else {
        bool removed = life->removed[0] && check->release >= life->removed[0];

        when = vt_life_span_text(check->schema, removed ? life->removed : life->deprecated);
        text = g_strdup_printf("%s: %s %s %s%s%s", where, what, removed ? "was removed in" : "is deprecated since",
                               when, why && why[0] ? ": " : "", why ? why : "");
    }
    if (check->strict && stage != VT_LIFE_DEPRECATED) {
        return vt_error_set(error, "%s", text);
    }
    return judge(check, check->policy ? check->policy->deprecated_input : VT_COMPAT_POLICY_INPUT_ACCEPT, text, error);
}

bool
vt_life_check_unstable(const VtLifeCheck *check, const char *where, const char *what, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s: %s is unstable: it may change in any release", where, what);

    return judge(check, check->policy ? check->policy->unstable_input : VT_COMPAT_POLICY_INPUT_ACCEPT, text, error);
}

bool
vt_life_check(const VtLifeCheck *check, const VtLife *life, const VtTexts *texts, const char *where, const char *what,
              GError **error)
{
    return vt_life_check_for(check, life, life ? vt_text(texts, life->why) : NULL, where, what, error);
}

/* ---- versions of machines ------------------------------------------------------------------------------ */

/* The release that has the version first: that of its name, or of the version that a bugfix version corrects. */
static uint16_t
release_of(const VtSchema *schema, uint16_t version)
{
    const VtVersion *row = &vt_schema_axis_layer(schema, VT_AXIS_MACHINE)->versions[VT_AXIS_MACHINE][version];
    uint16_t named = row->bugfix_of ? row->bugfix_of : version;

    return vt_schema_version(schema, VT_AXIS_RELEASE, vt_schema_version_name(schema, VT_AXIS_MACHINE, named));
}

/* Moves the end forward to that of the rule. */
static void
limit(uint8_t span[2], const uint8_t rule[2])
{
    if (rule[0] && (!span[0] || rule[0] < span[0])) {
        memcpy(span, rule, 2 * sizeof *span);
    }
}

void
vt_machine_life(const VtClassInfo *family, uint16_t version, VtLife *ret_life, const char **ret_why)
{
    const VtSchema *schema = family->schema;
    const VtLayer *layer = vt_schema_axis_layer(schema, VT_AXIS_MACHINE);
    const VtMachine *machine = family->machine;
    const VtLife *own = vt_class_life(family), *rule;
    uint32_t life;

    *ret_life = own ? *own : (VtLife){0};
    *ret_why = own ? vt_text(family->layer->texts, own->why) : NULL;
    if (!machine->from) {
        return;
    }
    ret_life->introduced[0] = ret_life->introduced[1] = (uint8_t)release_of(schema, version);
    for (unsigned i = 0; i < machine->n_retired; i++) {
        const VtRetired *retired = &family->layer->retired[machine->first_retired + i];

        if (version <= retired->to) {
            const VtLife *end = &family->layer->lives[retired->life];

            g_assert(retired->life && end);
            memcpy(ret_life->deprecated, end->deprecated, sizeof ret_life->deprecated);
            memcpy(ret_life->removed, end->removed, sizeof ret_life->removed);
            *ret_why = vt_text(family->layer->texts, end->why);
            break;
        }
    }
    life = layer->versions[VT_AXIS_MACHINE][version].life;
    if (life) {
        rule = &layer->lives[life];
        limit(ret_life->deprecated, rule->deprecated);
        limit(ret_life->removed, rule->removed);
        *ret_why = *ret_why ? *ret_why : vt_text(layer->texts, rule->why);
    }
}

char *
vt_machine_oldest_left(const VtClassInfo *family, uint16_t release)
{
    uint16_t newest = (uint16_t)vt_schema_n_versions(family->schema, VT_AXIS_MACHINE);

    for (uint16_t v = 1; v <= newest; v++) {
        VtLife life;
        const char *why;

        if (!vt_machine_has_version(family, v)) {
            continue;
        }
        vt_machine_life(family, v, &life, &why);
        if (vt_life_stage(&life, release) == VT_LIFE_IN_USE || vt_life_stage(&life, release) == VT_LIFE_DEPRECATED) {
            return vt_machine_version_name(family, v);
        }
    }
    return NULL;
}
