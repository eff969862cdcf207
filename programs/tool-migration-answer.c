/* SPDX-License-Identifier: MIT */
#include "tool-migration.h"

#include <stdio.h>
#include <string.h>

#include "tool-platform.h"
#include "vt-runtime/json.h"

const char *
migration_answer(const Migration *check)
{
    if (check->blocker || (check->differences && check->differences->len) || check->hosts.lack.n) {
        return "no";
    }
    return check->hosts.doubt.n ? "unknown" : "yes";
}

/* What the destination needs to agree.  The caller frees it. */
static char *
fix_difference(const Migration *check, const VtContractDifference *one)
{
    json_object *object =
        json_object_object_get(json_object_object_get(check->source.contract, "objects"), one->object);
    const char *type = object ? vt_json_member_text(object, "type") : NULL;
    g_autofree char *value = one->source ? tool_value_text(one->source) : NULL;

    if (!*one->object) {
        return g_strdup_printf("give the destination --%s %s", one->member, value ? value : "");
    }
    if (strcmp(one->member, "type") == 0) {
        return one->source ? g_strdup_printf("give the destination a %s '%s'", value, one->object)
                           : g_strdup_printf("remove '%s' from the destination", one->object);
    }
    return one->source ? g_strdup_printf("give %s '%s' of the destination %s=%s", type, one->object, one->member, value)
                       : g_strdup_printf("remove %s from '%s' of the destination", one->member, one->object);
}

/* The newest platform version that all hosts support, as an option; NULL: none.  The caller frees it. */
static char *
common_version(const Migration *check)
{
    uint16_t newest = check->source.line && check->hosts.n ? tool_count_newest(&check->hosts.count) : 0;

    return newest ? g_strdup_printf("--platform-version %s", tool_platform_version(check->schema, newest)) : NULL;
}

static void
add_answering(json_object *row, const char *answer, const ToolSome *some)
{
    json_object *object = json_object_new_object(), *names = json_object_new_array();

    for (size_t i = 0; i < TOOL_HOSTS_NAMED && some->names[i]; i++) {
        json_object_array_add(names, json_object_new_string(some->names[i]));
    }
    json_object_object_add(object, "hosts", json_object_new_uint64(some->n));
    json_object_object_add(object, "first", names);
    json_object_object_add(row, answer, object);
}

json_object *
migration_json(const Migration *check)
{
    json_object *result = json_object_new_object(), *list = json_object_new_array();
    g_autofree char *version = common_version(check);

    vt_json_add_text(result, "answer", migration_answer(check));
    if (check->blocker) {
        vt_json_add_text(result, "blocker", check->blocker->message);
    }
    for (guint i = 0; check->differences && i < check->differences->len; i++) {
        const VtContractDifference *one = &g_array_index(check->differences, VtContractDifference, i);
        g_autofree char *fix = fix_difference(check, one);
        json_object *row = json_object_new_object();

        vt_json_add_text(row, "object", one->object);
        vt_json_add_text(row, "member", one->member);
        json_object_object_add(row, "source", json_object_get(one->source));
        json_object_object_add(row, "destination", json_object_get(one->other));
        vt_json_add_text(row, "fix", fix);
        json_object_array_add(list, row);
    }
    json_object_object_add(result, "differences", list);
    list = json_object_new_array();
    for (size_t i = 0; check->hosts.n && i < json_object_array_length(check->hosts.needed); i++) {
        json_object *row = NULL;

        if (check->hosts.no[i].n || check->hosts.unknown[i].n) {
            json_object_deep_copy(json_object_array_get_idx(check->hosts.needed, i), &row, NULL);
            add_answering(row, "no", &check->hosts.no[i]);
            add_answering(row, "unknown", &check->hosts.unknown[i]);
            json_object_array_add(list, row);
        }
    }
    json_object_object_add(result, "features", list);
    if (version) {
        vt_json_add_text(result, "use", version);
    }
    return result;
}

/* Prints a feature once, with all that needs it: entry @i of the needed ones is the first. */
static void
print_feature(const Migration *check, size_t i, const char *answer, const ToolSome *some)
{
    const char *feature = vt_json_member_text(json_object_array_get_idx(check->hosts.needed, i), "feature");
    g_autofree char *where = tool_some_text(some);
    const char *between = ": ";

    if (!some->n) {
        return;
    }
    printf("%s: %s on %s", feature, answer, where);
    for (size_t k = i; k < json_object_array_length(check->hosts.needed); k++) {
        json_object *row = json_object_array_get_idx(check->hosts.needed, k);
        const char *property = vt_json_member_text(row, "property");

        if (strcmp(vt_json_member_text(row, "feature"), feature) == 0) {
            printf("%s%s%s%s", between, vt_json_member_text(row, "object"), property ? "." : "",
                   property ? property : "");
            between = ", ";
        }
    }
    putchar('\n');
}

static bool
is_first(const Migration *check, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (check->hosts.features[k] == check->hosts.features[i]) {
            return false;
        }
    }
    return true;
}

/* Prints what hosts lack, and what fixes it: a version, or else values. */
static void
print_hosts(const Migration *check)
{
    g_autofree char *version = common_version(check);
    size_t n = check->hosts.n ? json_object_array_length(check->hosts.needed) : 0;

    for (size_t i = 0; i < n; i++) {
        if (is_first(check, i)) {
            print_feature(check, i, "no", &check->hosts.no[i]);
            print_feature(check, i, "unknown", &check->hosts.unknown[i]);
        }
    }
    if (version && (check->hosts.lack.n || check->hosts.doubt.n)) {
        printf("use %s, which all of them support\n", version);
    }
    for (size_t i = 0; !version && i < n; i++) {
        if (check->hosts.no[i].n || check->hosts.unknown[i].n) {
            printf("use %s\n", vt_json_member_text(json_object_array_get_idx(check->hosts.needed, i), "override"));
        }
    }
}

void
migration_print(const Migration *check)
{
    puts(migration_answer(check));
    if (check->blocker) {
        printf("%s\n", check->blocker->message);
    }
    for (guint i = 0; check->differences && i < check->differences->len; i++) {
        const VtContractDifference *one = &g_array_index(check->differences, VtContractDifference, i);
        g_autofree char *fix = fix_difference(check, one), *source = tool_value_text(one->source),
                        *other = tool_value_text(one->other);

        printf("%s%s%s: %s at the source, %s at the destination; %s\n", one->object, *one->object ? "." : "",
               one->member, source, other, fix);
    }
    print_hosts(check);
}
