/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

static uint64_t
value_of(const char *machine, const char *platform, const char *class, const char *member)
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autoptr(VtContext) ctx = world_context(schema, machine, platform);
    const VtProp *prop = vt_class_prop(vt_schema_class(schema, class), member, strlen(member));

    return vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL)->value;
}

VT_TEST(the_newest_entry_that_is_reached_holds, "/timeline/newest")
{
    g_assert_cmpuint(value_of("toy-i-1.1", "3.0", "plain-toy", "speed"), ==, 1);
    g_assert_cmpuint(value_of("toy-i-2.0", "3.0", "plain-toy", "speed"), ==, 2);
    g_assert_cmpuint(value_of("toy-i-2.1", "3.0", "plain-toy", "speed"), ==, 2);
}

VT_TEST(a_narrower_scope_wins_over_a_newer_entry, "/timeline/scope")
{
    g_assert_cmpuint(value_of("toy-q-1.0", "3.0", "plain-toy", "speed"), ==, 1);
    g_assert_cmpuint(value_of("toy-q-1.1", "3.0", "plain-toy", "speed"), ==, 10);
    g_assert_cmpuint(value_of("toy-q-1.1.1", "3.0", "plain-toy", "speed"), ==, 10);
    g_assert_cmpuint(value_of("toy-q-3.0", "3.0", "plain-toy", "speed"), ==, 10);
}

VT_TEST(the_platform_has_an_axis_of_its_own, "/timeline/platform")
{
    g_assert_cmpuint(value_of("toy-q-1.0", "3.0", "store-ram", "legacy"), ==, 0);
    g_assert_cmpuint(value_of("toy-q-3.0", "2.0", "store-ram", "legacy"), ==, 1);
    g_assert_cmpuint(value_of(NULL, "2.0", "store-ram", "legacy"), ==, 1);
}

static bool
always(const VtCondition *condition, const VtLayer *layer, const void *opaque)
{
    (void)opaque;
    g_assert_cmpstr(vt_str(layer, condition->member), ==, "netdev");
    return true;
}

VT_TEST(a_need_counts_where_its_condition_holds, "/timeline/needs")
{
    static const struct {
        const char *platform;
        bool tap;
        uint64_t expected;
    } cases[] = {{"1.0", false, 1}, {"1.0", true, 0}, {"2.0", true, 1}, {"2.0", false, 1}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
        g_autoptr(VtContext) ctx = world_context(schema, "toy-q-2.0", cases[i].platform);
        const VtProp *prop = vt_class_prop(vt_schema_class(schema, "inner"), "offload", strlen("offload"));
        const VtEntry *entry =
            vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, cases[i].tap ? always : NULL, NULL);

        g_assert_cmpuint(entry->value, ==, cases[i].expected);
    }
}

/* 3 scopes of up to 300 entries each, compared with a linear search. */
VT_TEST(long_histories_resolve_as_short_ones, "/timeline/long")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
    g_autoptr(VtContext) ctx = world_context(schema, "toy-q-3.0", "3.0");
    uint16_t version = vt_context_machine(ctx)->version;

    for (unsigned seed = 0; seed < 200; seed++) {
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(VtEntry));
        static const VtScope scopes[] = {{0}, {.targets = VT_TARGET_ARM}, {.targets = VT_TARGET_X86_64}};
        VtTimeline timeline = {.axis = VT_AXIS_MACHINE};
        VtLayer layer = {.scopes = scopes};
        const VtEntry *expected = NULL;

        for (int scope = 2; scope >= 0; scope--) {
            unsigned since = scope ? 1 : 0;

            for (int n = g_rand_int_range(rand, 1, 300); n > 0; n--) {
                VtEntry entry = {.since = (uint16_t)since, .scope = (uint16_t)scope};

                g_array_append_val(entries, entry);
                since += (unsigned)g_rand_int_range(rand, 0, 2);
            }
        }
        layer.entries = (const VtEntry *)entries->data;
        timeline.count = (uint16_t)entries->len;
        for (guint i = 0; i < entries->len; i++) {
            const VtEntry *entry = &layer.entries[i];

            if (entry->scope != 1 && entry->since <= version && (!expected || expected->scope == entry->scope)) {
                expected = entry;
            }
        }
        g_assert_true(vt_timeline_resolve(ctx, &layer, &timeline, NULL, NULL) == expected);
    }
}

VT_TEST(a_release_changes_all_versions, "/timeline/release-default")
{
    static const uint64_t expected[] = {[1] = 1, [2] = 2, [3] = 2};

    for (uint16_t release = 1; release < G_N_ELEMENTS(expected); release++) {
        g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);
        g_autoptr(VtContext) ctx = world_context(schema, "toy-q-1.0", "1.0");
        const VtProp *prop = vt_class_prop(vt_schema_class(schema, "store-ram"), "sources", strlen("sources"));
        const VtEntry *entry;

        vt_context_set_release(ctx, release);
        entry = vt_timeline_resolve(ctx, prop->default_layer, prop->timeline, NULL, NULL);
        g_assert_cmpuint(entry->value, ==, expected[release]);
        g_assert_cmpstr(vt_entry_since(schema, prop->timeline, entry), ==, release > 1 ? "2.0" : NULL);
        g_assert_cmpint(vt_entry_axis(prop->timeline, entry), ==, release > 1 ? VT_AXIS_RELEASE : VT_AXIS_NONE);
    }
}

/* Entries of two scopes with versions and releases, compared with a linear search in each release. */
VT_TEST(an_entry_holds_from_its_release_on, "/timeline/release")
{
    g_autoptr(VtSchema) schema = vt_schema_new(objects_vt_program_objects.layers);

    for (unsigned seed = 0; seed < 400; seed++) {
        g_autoptr(VtContext) ctx = world_context(schema, "toy-q-3.0", "3.0");
        uint16_t version = vt_context_machine(ctx)->version, release = (uint16_t)(seed % 6);
        g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
        g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(VtEntry));
        static const VtScope scopes[] = {{0}, {.targets = VT_TARGET_X86_64}};
        VtTimeline timeline = {.axis = VT_AXIS_MACHINE};
        VtLayer layer = {.scopes = scopes};
        const VtEntry *expected = NULL;

        for (int scope = 1; scope >= 0; scope--) {
            for (unsigned since = scope ? 2 : 0; since < 12; since++) {
                for (unsigned r = 0; r < 6; r++) {
                    VtEntry entry = {.since = (uint16_t)since, .release = (uint8_t)r, .scope = (uint16_t)scope};

                    if ((!since && !r && !scope) || g_rand_int_range(rand, 0, 4) == 0) {
                        g_array_append_val(entries, entry);
                    }
                }
            }
        }
        vt_context_set_release(ctx, release);
        layer.entries = (const VtEntry *)entries->data;
        timeline.count = (uint16_t)entries->len;
        for (guint i = 0; i < entries->len; i++) {
            const VtEntry *entry = &layer.entries[i];

            if (entry->since <= version && entry->release <= release &&
                (!expected || expected->scope == entry->scope)) {
                expected = entry;
            }
        }
        g_assert_true(vt_timeline_resolve(ctx, &layer, &timeline, NULL, NULL) == expected);
    }
}
