/* SPDX-License-Identifier: MIT */
/*
 * A default is what a client gets who states the same value as text: same values, same given and present members.
 */
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/defaults-program-defaults.h"
#include "vt-runtime/config.h"
#include "vt-runtime/input.h"
#include "vt-runtime/output.h"
#include "vt-test.h"

typedef struct DefaultText {
    const char *class_name, *member, *text;
} DefaultText;

static const DefaultText samples[] = {
    {"sample", "point", "{}"},
    {"sample", "label", "{\"text\": \"a\", \"at\": {}, \"places\": []}"},
    {"sample", "labels", "[{}, {\"places\": [{\"y\": 9}], \"text\": \"b\"}]"},
    {"sample", "no-labels", "[]"},
    {"sample", "strings", "[\"a\", \"\", \"a\"]"},
    {"sample", "numbers", "[0.5, -2, 1e100]"},
    {"sample", "integers", "[-32768, 0, 32767]"},
    {"sample", "counts", "[\"auto\", 5]"},
    {"sample", "colours", "[\"blue\", \"red\"]"},
    {"sample", "friends", "[\"one\", \"two\"]"},
    {"sample", "circle", "{\"label\": {\"text\": \"c\"}, \"kind\": \"circle\"}"},
    {"sample", "ball", "{\"kind\": \"circle\"}"},
    {"sample", "square",
     "{\"kind\": \"square\", \"side\": 2, \"id\": \"s\", \"shape\": {\"kind\": \"square\", "
     "\"side\": 1, \"shape\": {\"kind\": \"circle\"}}}"},
    {"sample", "nothing", "{\"kind\": \"empty\"}"},
    {"sample", "shapes", "[{\"kind\": \"empty\"}, {\"kind\": \"circle\", \"radius\": 1}]"},
    {"sample", "either-colour", "\"green\""},
    {"sample", "either-shape", "{\"kind\": \"circle\", \"radius\": 2}"},
    {"sample", "either-none", "null"},
    {"sample", "either-flag", "true"},
    {"sample", "eithers", "[\"blue\", \"red\", {\"kind\": \"empty\"}, null, false]"},
    {"sample", "level", "\"auto\""},
    {"sample", "levels", "[-1, 2]"},
    {"sample", "kinds",
     "{\"flag\": true, \"i8\": -128, \"i16\": -1, \"i32\": -2147483648, \"i64\": "
     "-9223372036854775808, \"u8\": 255, \"u16\": 65535, \"u32\": 4294967295, \"u64\": "
     "18446744073709551615, \"size\": 1099511627776, \"num\": 1.5, \"text\": \"text\", "
     "\"colour\": \"blue\", \"count\": \"auto\", \"mac\": \"52:54:00:12:34:56\", \"what\": "
     "{\"a\": [1, \"x\", null]}, \"nothing\": null, \"point\": {\"x\": 0}, \"either\": "
     "\"red\", \"kinds\": {\"u8\": 1, \"kinds\": {}}, \"friend\": \"one\", \"friends\": "
     "[\"two\"]}"},
    {"sample", "what", "[1, {\"a\": \"b\"}, null, false]"},
    {"sample", "null", "null"},
    {"restated", "point", "{\"x\": 1}"},
    {"restated", "either-flag", "\"blue\""},
    {"restated", "shapes", "[]"},
};

typedef struct Fixture {
    VtSchema *schema;
    VtContext *ctx;
} Fixture;

static Fixture *
fixture_new(uint16_t platform_version)
{
    Fixture *f = g_new0(Fixture, 1);
    VtPlatform *platform;
    GError *error = NULL;

    f->schema = vt_schema_new(defaults_vt_program_defaults.layers);
    platform = vt_platform_new(f->schema, platform_version, NULL, &error);
    g_assert_no_error(error);
    f->ctx = vt_context_new(f->schema, platform, NULL, VT_TARGET_X86_64, NULL);
    return f;
}

static void
fixture_free(Fixture *f)
{
    vt_context_free(f->ctx);
    vt_schema_free(f->schema);
    g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fixture, fixture_free)

/* ---- comparison of all that a value has ------------------------------------------------------------- */

static void check_one(const Fixture *f, const VtLayer *layer, const VtRow *row, const char *a, const char *b);

static void
check_field(const Fixture *f, const VtLayer *layer, const VtRow *row, const char *a, const char *b)
{
    if (row->flags & VT_ROW_LIST) {
        const VtList *left = (const void *)a, *right = (const void *)b;
        size_t size = vt_row_size(f->schema, layer, row);
        VtRow element = *row;

        element.flags &= ~VT_ROW_LIST;
        g_assert_cmpuint(left->n, ==, right->n);
        for (size_t i = 0; i < left->n; i++) {
            check_one(f, layer, &element, (const char *)left->v + i * size, (const char *)right->v + i * size);
        }
    } else if (row->flags & VT_ROW_BOXED) {
        const char *left = *(char *const *)a, *right = *(char *const *)b;

        g_assert_cmpint(!left, ==, !right);
        if (left) {
            check_one(f, layer, row, left, right);
        }
    } else {
        check_one(f, layer, row, a, b);
    }
}

/* The members, with their bits. */
static void
check_struct(const Fixture *f, uint16_t type_id, const char *a, const char *b)
{
    const VtLayer *layer = vt_schema_type_layer(f->schema, type_id);
    const VtType *type = vt_schema_type(f->schema, type_id);

    g_assert_cmpmem(a + type->words_offset, 2 * type->words * sizeof(uint64_t), b + type->words_offset,
                    2 * type->words * sizeof(uint64_t));
    for (unsigned i = 0; i < type->count; i++) {
        const VtRow *row = &layer->rows[type->first + i];

        if (!vt_is_present(a, type->words_offset, type->words, row->bit)) {
            continue;
        }
        check_field(f, layer, row, a + row->offset, b + row->offset);
        for (unsigned j = 0; row->flags & VT_ROW_TAG && j < type->n_branches; j++) {
            const VtBranch *branch = &layer->branches[type->first_branch + j];

            if (branch->value == *(const uint32_t *)(a + row->offset) && branch->type) {
                check_struct(f, branch->type, a + type->union_offset, b + type->union_offset);
            }
        }
    }
}

static void
check_one(const Fixture *f, const VtLayer *layer, const VtRow *row, const char *a, const char *b)
{
    g_autofree char *left = NULL, *right = NULL;

    if (row->kind == VT_KIND_STRUCT || row->kind == VT_KIND_UNION) {
        check_struct(f, row->type, a, b);
    } else if (row->kind == VT_KIND_ALTERNATE) {
        const VtLayer *own = vt_schema_type_layer(f->schema, row->type);
        const VtType *type = vt_schema_type(f->schema, row->type);
        uint32_t branch = *(const uint32_t *)a;

        g_assert_cmpuint(branch, ==, *(const uint32_t *)b);
        check_field(f, own, &own->rows[type->first + branch], a + type->union_offset, b + type->union_offset);
    } else {
        left = vt_output_text(f->schema, layer, row, a);
        right = vt_output_text(f->schema, layer, row, b);
        g_assert_cmpstr(left, ==, right);
    }
}

/* ---- the tests -------------------------------------------------------------------------------------- */

static const char *
text_of(const VtClassInfo *info, const VtProp *prop)
{
    const char *text = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        const DefaultText *sample = &samples[i];

        if (strcmp(sample->member, prop->name) == 0 &&
            (strcmp(sample->class_name, info->name) == 0 || (!text && strcmp(sample->class_name, "sample") == 0))) {
            text = sample->text;
        }
    }
    return text;
}

/* Every default of the class, beside the value of its text. */
static void
check_class(const Fixture *f, const char *name)
{
    const VtClassInfo *info = vt_schema_class(f->schema, name);
    g_autoptr(VtConfig) config = vt_config_new(f->ctx, info);
    GError *error = NULL;
    size_t checked = 0;

    for (size_t i = 0; i < info->n_props; i++) {
        const VtProp *prop = &info->props[i];
        const char *text = text_of(info, prop);
        g_autofree char *value = g_malloc0(MAX(vt_row_size(f->schema, prop->layer, prop->row), sizeof(VtList)));
        g_autoptr(VtInput) input = NULL;

        if (!prop->timeline) {
            continue;
        }
        g_assert_nonnull(text);
        input = vt_input_new_json(text, strlen(text), prop->name);
        vt_input_visit_value(input, f->schema, f->ctx, prop->layer, prop->row, value, &error);
        g_assert_no_error(error);
        g_assert_true(vt_config_present(config, prop));
        check_field(f, prop->layer, prop->row, vt_config_field(config, prop), value);
        vt_field_clear(f->schema, prop->layer, prop->row, value);
        checked++;
    }
    g_assert_cmpuint(checked, >=, 24);
}

VT_TEST(a_default_is_its_value, "/defaults/all")
{
    for (uint16_t version = 1; version <= 2; version++) {
        g_autoptr(Fixture) f = fixture_new(version);

        check_class(f, "sample");
        check_class(f, "restated");
    }
}

VT_TEST(what_a_struct_does_not_state_follows_the_context, "/defaults/context")
{
    for (uint16_t version = 1; version <= 2; version++) {
        g_autoptr(Fixture) f = fixture_new(version);
        const VtClassInfo *info = vt_schema_class(f->schema, "sample");
        g_autoptr(VtConfig) config = vt_config_new(f->ctx, info);
        const VtSample *sample = config->data;

        g_assert_cmpint(sample->label.colour, ==, version == 1 ? VT_COLOUR_RED : VT_COLOUR_BLUE);
        g_assert_cmpint(sample->labels.v[1].colour, ==, sample->label.colour);
        g_assert_cmpint(sample->circle.u.circle.label.colour, ==, sample->label.colour);
        g_assert_cmpstr(sample->circle.u.circle.label.text, ==, "c");
        g_assert_cmpint(sample->label.at.x, ==, 3);
    }
}
