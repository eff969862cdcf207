/* SPDX-License-Identifier: MIT */
/*
 * Rules of a class for the settled values of its objects: ranges, lengths, values, and combinations of them.
 */
#include "settle-private.h"

#include <inttypes.h>
#include <string.h>

#include "schema/schema-private.h"
#include "vt-runtime/error.h"
#include "vt-runtime/output.h"

/* ---- inputs -------------------------------------------------------------------------------------------- */

typedef struct Rule {
    VtObject *object; /* that has the class of the rule */
    const VtLayer *layer;
    const VtRule *row;
} Rule;

/* A value, or NULL: it is absent.  @name is that of the member as the user knows it, or NULL. */
typedef struct Value {
    json_object *value;
    const char *name;
    bool secret;
} Value;

static void
value_clear(Value *value)
{
    json_object_put(value->value);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Value, value_clear)

/* The member of the top object that the input "self.NAME" of the object's class names, and the path within it. */
static const VtProp *
own_member(const VtObject *object, const char *name, const char **ret_below)
{
    const VtProp *prop = vt_class_prop(&object->class->info, name, strlen(name));
    size_t length = strcspn(name, ".");

    *ret_below = NULL;
    if (!prop) {
        prop = vt_class_prop(&object->class->info, name, length);
        *ret_below = name + length + 1;
    }
    g_assert(prop); /* qapi-gen has checked the name */
    return vt_object_map_prop(object, prop);
}

/* The input as the user knows it. */
static const char *
shown(const Rule *rule, const char *input)
{
    const char *name = input + strcspn(input, ".:/"), *path;

    if (!g_str_has_prefix(input, "self.")) {
        return *name ? name + 1 : input;
    }
    name = own_member(rule->object, name + 1, &path)->name;
    return path ? input + strlen("self.") : name;
}

static json_object *
part_of(json_object *value, const VtInputRef *ref)
{
    g_auto(GStrv) names = ref->below ? g_strsplit(ref->below, (char[]){ref->separator, 0}, 0) : NULL;
    json_object *at = value;

    for (size_t i = 0; at && names && names[i]; i++) {
        at = json_object_object_get(at, names[i]);
    }
    json_object_get(at);
    json_object_put(value);
    return at;
}

static Value
value_of(const Rule *rule, const char *input)
{
    VtObject *top = vt_object_top(rule->object);
    const VtContext *ctx = top->vm->ctx;
    VtPlace place = {.object = top};
    VtInputRef ref = {.settled = true};
    Value value = {NULL};

    if (strcmp(input, "accel") == 0) {
        const char *accel = vt_context_accel(ctx);

        value.value = accel ? json_object_new_string(accel) : NULL;
        return value;
    }
    if (g_str_has_prefix(input, "self.")) {
        ref.object = top;
        ref.prop = own_member(rule->object, input + strlen("self."), &ref.below);
        ref.separator = '.';
    } else {
        vt_derivation_input(&place, input, &ref);
    }
    value.name = shown(rule, input);
    if (!ref.prop) {
        value.value = ref.value.s ? json_object_new_string(ref.value.s) : NULL;
        return value;
    }
    if (ref.settled) {
        vt_object_settle_prop(ref.object, ref.prop);
    }
    value.secret = ref.prop->cold->features & VT_FEATURE_SENSITIVE;
    if (vt_config_present(ref.object->config, ref.prop) &&
        (ref.settled || vt_config_given(ref.object->config, ref.prop))) {
        value.value = part_of(vt_output_field(top->vm->schema, ref.prop->layer, ref.prop->row,
                                              vt_config_field(ref.object->config, ref.prop), 0),
                              &ref);
    }
    return value;
}

/* ---- conditions ---------------------------------------------------------------------------------------- */

/* Whether @text is one of the texts of @pattern, with '|' between them. */
static bool
is_one_of(const char *text, const char *pattern)
{
    size_t length = strlen(text);

    for (const char *each = pattern;; each++) {
        if (strncmp(each, text, length) == 0 && (!each[length] || each[length] == '|')) {
            return true;
        }
        each = strchr(each, '|');
        if (!each) {
            return false;
        }
    }
}

/* Whether the class of that name, or one above it, is one of those of @pattern. */
static bool
is_below_one_of(const VtSchema *schema, const char *name, const char *pattern)
{
    for (const VtClassInfo *info = vt_schema_class(schema, name); info; info = info->parent) {
        if (is_one_of(info->name, pattern)) {
            return true;
        }
    }
    return false;
}

static bool
applies(const Rule *rule)
{
    const VtSchema *schema = rule->object->vm->schema;

    for (const uint32_t *each = rule->row->guards ? &rule->layer->inputs[rule->row->guards] : NULL; each && *each;
         each += 2) {
        const char *input = vt_str(rule->layer, each[0]);
        bool unless = input[0] == '!';
        g_auto(Value) value = value_of(rule, input + unless);
        const char *text = value.value ? json_object_get_string(value.value) : "null";
        const char *pattern = vt_str(rule->layer, each[1]);

        if ((strcmp(input + unless, "bus:owner") == 0 ? is_below_one_of(schema, text, pattern)
                                                      : is_one_of(text, pattern)) == unless) {
            return false;
        }
    }
    return true;
}

/* ---- demands ------------------------------------------------------------------------------------------- */

static bool
check_limits(const Rule *rule, const Value *value, GError **error)
{
    int64_t number = json_object_get_int64(value->value);
    uint64_t size = json_object_get_uint64(value->value);

    if (number < rule->row->min) {
        return vt_error_set(error, "%s: %" PRId64 " is below the minimum %" PRId64, value->name, number,
                            rule->row->min);
    }
    return size <= rule->row->max || number < 0 ||
           vt_error_set(error, "%s: %" PRIu64 " exceeds the maximum %" PRIu64, value->name, size, rule->row->max);
}

static bool
check_text_length(const Rule *rule, const Value *value, GError **error)
{
    const char *text = json_object_get_string(value->value);
    g_autofree char *expected = NULL;
    size_t length = strlen(text);

    if (length >= (uint64_t)rule->row->min && length <= rule->row->max) {
        return true;
    }
    expected = (uint64_t)rule->row->min == rule->row->max
                   ? g_strdup_printf("%" PRIu64, rule->row->max)
                   : g_strdup_printf("%" PRId64 " to %" PRIu64, rule->row->min, rule->row->max);
    return vt_error_set(error, "%s: expected %s bytes, got %zu%s%s%s", value->name, expected, length,
                        value->secret ? "" : " in '", value->secret ? "" : text, value->secret ? "" : "'");
}

/* "'a', 'b' or 'c'"; the inputs or values from @first on.  Owned by the caller. */
static char *
listed(const Rule *rule, uint32_t first, const char *last)
{
    GString *text = g_string_new(NULL);

    for (const uint32_t *each = &rule->layer->inputs[first]; *each; each++) {
        const char *name = vt_str(rule->layer, *each);

        g_string_append_printf(text, "%s'%s'",
                               !text->len ? ""
                               : each[1]  ? ", "
                                          : last,
                               first == rule->row->inputs ? shown(rule, name) : name);
    }
    return g_string_free(text, FALSE);
}

static bool
check_values(const Rule *rule, const Value *value, GError **error)
{
    const char *text = json_object_get_string(value->value);
    g_autofree char *expected = NULL;

    for (const uint32_t *each = &rule->layer->inputs[rule->row->values]; *each; each++) {
        if (strcmp(vt_str(rule->layer, *each), text) == 0) {
            return true;
        }
    }
    expected = listed(rule, rule->row->values, " or ");
    return vt_error_set(error, "%s: expected %s, got '%s'", value->name, expected, text);
}

static bool
check_at_most(const Rule *rule, const Value *value, GError **error)
{
    const uint32_t *inputs = &rule->layer->inputs[rule->row->inputs];
    g_auto(Value) limit = value_of(rule, vt_str(rule->layer, inputs[1]));

    if (!limit.value || json_object_get_uint64(value->value) <= json_object_get_uint64(limit.value)) {
        return true;
    }
    return vt_error_set(error, "%s: %s exceeds '%s', which is %s", value->name, json_object_get_string(value->value),
                        limit.name, json_object_get_string(limit.value));
}

static bool
check_multiple_of(const Rule *rule, const Value *value, GError **error)
{
    const uint32_t *inputs = &rule->layer->inputs[rule->row->inputs];
    g_auto(Value) unit = value_of(rule, vt_str(rule->layer, inputs[1]));
    uint64_t of = unit.value ? json_object_get_uint64(unit.value) : 0;

    return !of || json_object_get_uint64(value->value) % of == 0 ||
           vt_error_set(error, "%s: %s is not a multiple of '%s', which is %" PRIu64, value->name,
                        json_object_get_string(value->value), unit.name, of);
}

static bool
check_value(const Rule *rule, const Value *value, GError **error)
{
    uint64_t number;

    switch ((VtRuleDemand)rule->row->demand) {
    case VT_RULE_RANGE:
        return check_limits(rule, value, error);
    case VT_RULE_LENGTH:
        return check_text_length(rule, value, error);
    case VT_RULE_VALUES:
        return check_values(rule, value, error);
    case VT_RULE_AT_MOST:
        return check_at_most(rule, value, error);
    case VT_RULE_MULTIPLE_OF:
        return check_multiple_of(rule, value, error);
    case VT_RULE_POWER_OF_TWO:
        number = json_object_get_uint64(value->value);
        return !(number & (number - 1)) ||
               vt_error_set(error, "%s: '%" PRIu64 "' is not a power of two", value->name, number);
    default:
        return vt_error_set(error, "%s: %s", value->name, vt_str(rule->layer, rule->row->why));
    }
}

/* 0 is no value. */
static bool
is_given(const Rule *rule, const char *input)
{
    g_auto(Value) value = value_of(rule, input);

    return value.value && (!json_object_is_type(value.value, json_type_int) || json_object_get_int64(value.value) != 0);
}

/* The number of inputs may be from @min to @max. */
static bool
check_given(const Rule *rule, uint64_t min, uint64_t max, GError **error)
{
    g_autofree char *names = listed(rule, rule->row->inputs, " and ");
    uint64_t n = 0, all = 0;

    for (const uint32_t *each = &rule->layer->inputs[rule->row->inputs]; *each; each++) {
        n += is_given(rule, vt_str(rule->layer, *each));
        all++;
    }
    if (rule->row->demand == VT_RULE_TOGETHER) {
        return n == 0 || n == all || vt_error_set(error, "%s are set together, or none of them", names);
    }
    if (n < min) {
        return all == 1 ? vt_error_set(error, "missing member %s", names)
                        : vt_error_set(error, "one of %s is required", names);
    }
    return n <= max || vt_error_set(error, "%s exclude each other", names);
}

static bool
check_share(const Rule *rule, GError **error)
{
    const char *name = vt_str(rule->layer, rule->layer->inputs[rule->row->values]);
    const VtObject *other = NULL;

    for (uint64_t i = 0; i < rule->row->max; i++) {
        other = vt_index_find(rule->object, name, i);
        if (!other || other == rule->object) {
            vt_index_enter(rule->object, name, i);
            return true;
        }
    }
    return rule->row->max == 1 ? vt_error_set(error, "at most one %s is possible, and '%s' is one", name,
                                              vt_object_display(vt_object_const_top(other)))
                               : vt_error_set(error, "more than %" PRIu64 " %s", rule->row->max, name);
}

static bool
check_migration(const Rule *rule, GError **error)
{
    const VtContext *ctx = rule->object->vm->ctx;

    return !vt_context_migratable(ctx) ||
           vt_error_set(error, "'%s' blocks migration, and -%s is given",
                        vt_object_const_top(rule->object)->class->info.tag, vt_context_option(ctx, VT_ROLE_MIGRATABLE));
}

static bool
check_rule(const Rule *rule, GError **error)
{
    const uint32_t *inputs = rule->row->inputs ? &rule->layer->inputs[rule->row->inputs] : NULL;

    if (!applies(rule)) {
        return true;
    }
    if (rule->row->demand == VT_RULE_SHARE) {
        return check_share(rule, error);
    }
    if (rule->row->demand == VT_RULE_BLOCKS_MIGRATION) {
        return check_migration(rule, error);
    }
    if (rule->row->demand == VT_RULE_NEEDS_FILE) {
        return true; /* vt_object_each_needed_file() */
    }
    if (rule->row->demand == VT_RULE_GIVEN || rule->row->demand == VT_RULE_TOGETHER) {
        return check_given(rule, (uint64_t)rule->row->min, rule->row->max, error);
    }
    if (!inputs) {
        return vt_error_set(error, "%s", vt_str(rule->layer, rule->row->why));
    }
    g_auto(Value) value = value_of(rule, vt_str(rule->layer, inputs[0]));
    /* What is absent is within all limits. */
    return (!value.value && rule->row->demand != VT_RULE_NONE) || check_value(rule, &value, error);
}

bool
vt_object_check_values(VtObject *object, const VtClassInfo *info, GError **error)
{
    for (unsigned i = 0; i < info->row->n_rules; i++) {
        const Rule rule = {object, info->layer, &info->layer->rules[info->row->first_rule + i]};

        if (!check_rule(&rule, error)) {
            return false;
        }
    }
    return true;
}

void
vt_object_each_needed_file(VtObject *object, void (*func)(const char *path, void *opaque), void *opaque)
{
    for (const VtClassInfo *info = &object->class->info; info; info = info->parent) {
        for (unsigned i = 0; i < info->row->n_rules; i++) {
            const Rule rule = {object, info->layer, &info->layer->rules[info->row->first_rule + i]};
            const uint32_t *inputs = rule.row->inputs ? &rule.layer->inputs[rule.row->inputs] : NULL;
            g_auto(Value) value = {NULL};
            g_autofree char *path = NULL;

            if (rule.row->demand != VT_RULE_NEEDS_FILE || !applies(&rule)) {
                continue;
            }
            if (inputs) {
                value = value_of(&rule, vt_str(rule.layer, inputs[0]));
            }
            if (!inputs || value.value) {
                path = g_strconcat(vt_str(rule.layer, rule.layer->inputs[rule.row->values]),
                                   inputs ? json_object_get_string(value.value) : "", NULL);
                func(path, opaque);
            }
        }
    }
    for (size_t i = 0; i < object->class->info.n_children; i++) {
        vt_object_each_needed_file(object->children[i], func, opaque);
    }
}
