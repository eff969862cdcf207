/* SPDX-License-Identifier: MIT */
/*
 * bench-decode [ROUNDS]: the text of a throttle-group, as object-add gets it, decoded three ways: by the tables, by a
 * one-pass decoder written by hand for this one class, and by json-c and a walk over its tree.  Each checks the same:
 * JSON's grammar, unknown and repeated members, types, ranges, the id; and ends with a filled config that is then
 * freed.  Prints the best nanoseconds of several runs, a line for each way: tag first, tag last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "vt-gen/program-vintage-vm.h"
#include "vt-runtime/input.h"

#define REPEATS 90 /* each short: the best ones are not interrupted */

static const char tag_first[] =
    "{\"qom-type\":\"throttle-group\",\"id\":\"tg0\",\"limits\":{\"iops-total\":1000,\"iops-read\":500,\"iops-write\":"
    "500,"
    "\"bps-total\":1048576,\"bps-total-max\":2097152,\"bps-read\":524288,\"bps-write\":524288}}";
static const char tag_last[] = "{\"id\":\"tg0\",\"limits\":{\"iops-total\":1000,\"iops-read\":500,\"iops-write\":500,"
                               "\"bps-total\":1048576,\"bps-total-max\":2097152,\"bps-read\":524288,\"bps-write\":"
                               "524288},\"qom-type\":\"throttle-group\"}";

typedef struct Group {
    char *id;
    VtThrottleLimits limits;
    int64_t rest[20]; /* room for the other members of a throttle-group */
} Group;

typedef struct Limit {
    const char *name;
    size_t len, offset;
    int64_t min, max;
} Limit;

#define LIMIT(name, field, min, max)                                                                                   \
    {                                                                                                                  \
        name, sizeof(name) - 1, offsetof(VtThrottleLimits, field), min, max                                            \
    }
#define MOST 1000000000000000
static const Limit limits[] = {
    LIMIT("iops-total", iops_total, 0, MOST),
    LIMIT("iops-total-max", iops_total_max, 0, MOST),
    LIMIT("iops-total-max-length", iops_total_max_length, 1, UINT32_MAX),
    LIMIT("iops-read", iops_read, 0, MOST),
    LIMIT("iops-read-max", iops_read_max, 0, MOST),
    LIMIT("iops-read-max-length", iops_read_max_length, 1, UINT32_MAX),
    LIMIT("iops-write", iops_write, 0, MOST),
    LIMIT("iops-write-max", iops_write_max, 0, MOST),
    LIMIT("iops-write-max-length", iops_write_max_length, 1, UINT32_MAX),
    LIMIT("bps-total", bps_total, 0, MOST),
    LIMIT("bps-total-max", bps_total_max, 0, MOST),
    LIMIT("bps-total-max-length", bps_total_max_length, 1, UINT32_MAX),
    LIMIT("bps-read", bps_read, 0, MOST),
    LIMIT("bps-read-max", bps_read_max, 0, MOST),
    LIMIT("bps-read-max-length", bps_read_max_length, 1, UINT32_MAX),
    LIMIT("bps-write", bps_write, 0, MOST),
    LIMIT("bps-write-max", bps_write_max, 0, MOST),
    LIMIT("bps-write-max-length", bps_write_max_length, 1, UINT32_MAX),
    LIMIT("iops-size", iops_size, 0, MOST),
};

static Group *
group_new(void)
{
    Group *group = g_new0(Group, 1);

    group->limits.iops_total_max_length = group->limits.iops_read_max_length = 1;
    group->limits.iops_write_max_length = group->limits.bps_total_max_length = 1;
    group->limits.bps_read_max_length = group->limits.bps_write_max_length = 1;
    group->limits.vt_present[0] = (1u << G_N_ELEMENTS(limits)) - 1;
    return group;
}

static void
group_free(Group *group)
{
    g_free(group->id);
    g_free(group);
}

static bool
id_is_well_formed(const char *id, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!(i ? g_ascii_isalnum(id[i]) || id[i] == '-' || id[i] == '.' || id[i] == '_' : g_ascii_isalpha(id[i]))) {
            return false;
        }
    }
    return len;
}

static const Limit *
find_limit(const char *name, size_t len)
{
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        if (limits[i].len == len && memcmp(limits[i].name, name, len) == 0) {
            return &limits[i];
        }
    }
    return NULL;
}

static bool
set_limit(VtThrottleLimits *to, const Limit *limit, int64_t value)
{
    uint64_t bit = UINT64_C(1) << (limit - limits);

    if (to->vt_given[0] & bit || value < limit->min || value > limit->max) {
        return false;
    }
    to->vt_given[0] |= bit;
    *(int64_t *)((char *)to + limit->offset) = value;
    return true;
}

/* ---- by hand: one pass ------------------------------------------------------------------------------- */

typedef struct Reader {
    const char *p, *end;
} Reader;

static inline void
blanks(Reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r')) {
        r->p++;
    }
}

static inline bool
take(Reader *r, char c)
{
    blanks(r);
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}

/* A string without escapes, which is sufficient for the names and ids here. */
static inline bool
string(Reader *r, const char **ret_text, size_t *ret_len)
{
    const char *start;

    if (!take(r, '"')) {
        return false;
    }
    for (start = r->p; r->p < r->end && *r->p != '"'; r->p++) {
        if ((uint8_t)*r->p < 0x20 || *r->p == '\\' || (uint8_t)*r->p >= 0x80) {
            return false;
        }
    }
    if (r->p == r->end) {
        return false;
    }
    *ret_text = start;
    *ret_len = (size_t)(r->p - start);
    r->p++;
    return true;
}

static inline bool
integer(Reader *r, int64_t *ret_value)
{
    const char *start;
    uint64_t value = 0;
    bool negative;

    blanks(r);
    negative = r->p < r->end && *r->p == '-';
    r->p += negative;
    for (start = r->p; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
        if (value > (UINT64_MAX - 9) / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(*r->p - '0');
    }
    if (r->p == start || (*start == '0' && r->p - start > 1) || value > (uint64_t)INT64_MAX + negative ||
        (r->p < r->end && (*r->p == '.' || *r->p == 'e' || *r->p == 'E'))) {
        return false;
    }
    *ret_value = negative ? (int64_t)-value : (int64_t)value;
    return true;
}

static bool
read_limits(Reader *r, VtThrottleLimits *to)
{
    const char *name;
    size_t len;
    int64_t value;

    if (!take(r, '{')) {
        return false;
    }
    if (take(r, '}')) {
        return true;
    }
    do {
        const Limit *limit;

        if (!string(r, &name, &len) || !take(r, ':') || !(limit = find_limit(name, len)) || !integer(r, &value) ||
            !set_limit(to, limit, value)) {
            return false;
        }
    } while (take(r, ','));
    return take(r, '}');
}

static Group *
by_hand(const char *text, size_t text_len)
{
    Reader r = {text, text + text_len};
    Group *group = group_new();
    bool has_type = false, has_limits = false, ok = take(&r, '{');

    do {
        const char *name, *value;
        size_t len, value_len;

        if (!ok || !string(&r, &name, &len) || !take(&r, ':')) {
            ok = false;
        } else if (len == 8 && memcmp(name, "qom-type", 8) == 0 && !has_type) {
            has_type = ok =
                string(&r, &value, &value_len) && value_len == 14 && memcmp(value, "throttle-group", 14) == 0;
        } else if (len == 2 && memcmp(name, "id", 2) == 0 && !group->id) {
            ok = string(&r, &value, &value_len) && id_is_well_formed(value, value_len);
            group->id = ok ? g_strndup(value, value_len) : NULL;
        } else if (len == 6 && memcmp(name, "limits", 6) == 0 && !has_limits) {
            has_limits = ok = read_limits(&r, &group->limits);
        } else {
            ok = false;
        }
    } while (ok && take(&r, ','));
    ok = ok && take(&r, '}') && has_type && group->id;
    blanks(&r);
    if (!ok || r.p != r.end) {
        group_free(group);
        return NULL;
    }
    return group;
}

/* ---- by json-c --------------------------------------------------------------------------------------- */

static bool
walk_limits(json_object *tree, VtThrottleLimits *to)
{
    if (!json_object_is_type(tree, json_type_object)) {
        return false;
    }
    json_object_object_foreach (tree, name, value) {
        const Limit *limit = find_limit(name, strlen(name));

        if (!limit || !json_object_is_type(value, json_type_int) ||
            !set_limit(to, limit, json_object_get_int64(value))) {
            return false;
        }
    }
    return true;
}

static bool
walk(json_object *tree, Group *group)
{
    bool has_type = false;

    if (!json_object_is_type(tree, json_type_object)) {
        return false;
    }
    json_object_object_foreach (tree, name, value) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;

        if (strcmp(name, "qom-type") == 0 && text && strcmp(text, "throttle-group") == 0) {
            has_type = true;
        } else if (strcmp(name, "id") == 0 && text && id_is_well_formed(text, strlen(text))) {
            group->id = g_strdup(text);
        } else if (strcmp(name, "limits") != 0 || !walk_limits(value, &group->limits)) {
            return false;
        }
    }
    return has_type && group->id;
}

static Group *
by_tree(json_tokener *tokener, const char *text, size_t len)
{
    json_object *tree;
    Group *group;
    bool ok;

    json_tokener_reset(tokener);
    tree = json_tokener_parse_ex(tokener, text, (int)len);
    ok = tree && json_tokener_get_parse_end(tokener) == len;
    group = group_new();
    ok = ok && walk(tree, group);
    json_object_put(tree);
    if (!ok) {
        group_free(group);
        return NULL;
    }
    return group;
}

/* ---- the three --------------------------------------------------------------------------------------- */

typedef struct Bench {
    VtContext *ctx;
    const VtClassInfo *root;
    json_tokener *tokener;
    const char *text;
    size_t len;
} Bench;

static const VtThrottleLimits *
expect(const VtThrottleLimits *to)
{
    if (to->iops_total != 1000 || to->bps_total_max != 2097152 || to->bps_write != 524288 ||
        to->bps_write_max_length != 1) {
        fprintf(stderr, "bench-decode: decoded wrongly\n");
        exit(1);
    }
    return to;
}

static void
run_tables(const Bench *b)
{
    g_autoptr(VtInput) input = vt_input_new_json(b->text, b->len, "object-add");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtConfig) config = vt_input_visit_creation(input, b->ctx, b->root, &error);

    if (!config) {
        fprintf(stderr, "bench-decode: %s\n", error->message);
        exit(1);
    }
    expect(&((const VtThrottleGroup *)config->data)->limits);
}

static void
run_hand(const Bench *b)
{
    Group *group = by_hand(b->text, b->len);

    expect(&group->limits);
    group_free(group);
}

static void
run_tree(const Bench *b)
{
    Group *group = by_tree(b->tokener, b->text, b->len);

    expect(&group->limits);
    group_free(group);
}

/* Nanoseconds per call: the best of several runs, because other load only adds time. */
static void
measure(const Bench *b, void (*const *run)(const Bench *), double *ns, size_t n, long rounds)
{
    for (size_t i = 0; i < n; i++) {
        ns[i] = G_MAXDOUBLE;
    }
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        for (size_t i = 0; i < n; i++) {
            gint64 start = g_get_monotonic_time();

            for (long j = 0; j < rounds; j++) {
                run[i](b);
            }
            ns[i] = MIN(ns[i], (double)(g_get_monotonic_time() - start) * 1000 / (double)rounds);
        }
    }
}

int
main(int argc, char **argv)
{
    static void (*const runs[])(const Bench *) = {run_tables, run_hand, run_tree};
    g_autoptr(VtSchema) schema = vt_schema_new(vt_program_vintage_vm.layers);
    g_autoptr(VtContext) ctx =
        vt_context_new(schema, vt_platform_new(schema, 0, NULL, NULL), NULL, VT_TARGET_X86_64, NULL);
    Bench b = {.ctx = ctx, .root = vt_schema_class(schema, "object"), .tokener = json_tokener_new()};
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;
    double first[3], last[3];

    json_tokener_set_flags(b.tokener, JSON_TOKENER_STRICT);
    b.text = tag_first;
    b.len = sizeof tag_first - 1;
    measure(&b, runs, first, 3, rounds);
    b.text = tag_last;
    measure(&b, runs, last, 3, rounds);
    json_tokener_free(b.tokener);
    for (size_t i = 0; i < 3; i++) {
        printf("%.0f %.0f\n", first[i], last[i]);
    }
    return 0;
}
