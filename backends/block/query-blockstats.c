/* SPDX-License-Identifier: MIT */
/*
 * query-blockstats: request statistics.
 */
#include <json-c/json.h>

#include "query-block.h"
#include "vt-runtime/monitor.h"

/* A member's name prefix and the requests it counts; -1: none. */
typedef struct Kind {
    const char *name;
    int ops[2];
} Kind;

static const Kind kinds[] = {
    {"rd", {VT_BLOCK_READ, -1}},     {"wr", {VT_BLOCK_WRITE, VT_BLOCK_ZEROES}}, {"zone_append", {-1, -1}},
    {"flush", {VT_BLOCK_FLUSH, -1}}, {"unmap", {VT_BLOCK_DISCARD, -1}},
};

static void
add(json_object *row, const char *prefix, const char *kind, const char *suffix, int64_t value)
{
    g_autofree char *key = g_strdup_printf("%s%s%s", prefix, kind, suffix);

    json_object_object_add(row, key, json_object_new_int64(value));
}

static void
add_counts(json_object *stats, const VtBlockNode *node, const Kind *kind)
{
    int64_t done = 0, failed = 0, invalid = 0, bytes = 0, time_ns = 0;
    bool has_bytes = kind->ops[0] != VT_BLOCK_FLUSH;

    for (size_t i = 0; i < G_N_ELEMENTS(kind->ops) && kind->ops[i] >= 0; i++) {
        const VtBlockCount *count = &node->counts[kind->ops[i]];

        done += count->done;
        failed += count->failed;
        invalid += count->invalid;
        bytes += count->bytes;
        time_ns += count->time_ns;
    }
    add(stats, "", kind->name, "_operations", done);
    add(stats, "", kind->name, "_total_time_ns", time_ns);
    add(stats, "failed_", kind->name, "_operations", failed);
    add(stats, "invalid_", kind->name, "_operations", invalid);
    if (has_bytes) {
        add(stats, "", kind->name, "_bytes", bytes);
        add(stats, "", kind->name, "_merged", 0);
    }
}

static json_object *
describe_counts(const VtBlockNode *node)
{
    json_object *stats = json_object_new_object();
    int64_t last_ns = node->last_ns;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        add_counts(stats, node, &kinds[i]);
    }
    add(stats, "", "wr_highest_offset", "", node->highest);
    if (last_ns) {
        add(stats, "", "idle_time_ns", "", vt_block_now_ns() - last_ns);
    }
    json_object_object_add(stats, "account_invalid", json_object_new_boolean(false));
    json_object_object_add(stats, "account_failed", json_object_new_boolean(true));
    json_object_object_add(stats, "timed_stats", json_object_new_array());
    return stats;
}

static json_object *
describe(GArray *entries, const VtBlockNode *node)
{
    json_object *row = json_object_new_object();

    json_object_object_add(row, "node-name", json_object_new_string(vt_block_node_name(entries, node)));
    json_object_object_add(row, "stats", describe_counts(node));
    if (node->child) {
        json_object_object_add(row, "parent", describe(entries, node->child));
    }
    return row;
}

static json_object *
describe_entry(GArray *entries, const VtEntryKey *entry, bool nodes)
{
    VtBlockNode *node = nodes ? vt_block_entry_node(entry) : NULL;
    VtObject *device = nodes ? NULL : vt_block_entry_device(entry, &node);
    g_autofree char *name = device ? vt_block_device_name(device) : NULL;
    const VtBlockNode *medium;
    json_object *row;

    if (!node) {
        return NULL;
    }
    medium = vt_block_medium(node);
    row = describe(entries, medium ? medium : node);
    if (device) {
        json_object_object_add(row, "device", json_object_new_string(medium == node ? "" : vt_object_id(node->object)));
        json_object_object_add(row, "qdev", json_object_new_string(name));
    }
    return row;
}

bool
vt_qmp_query_blockstats(VtMonitor *monitor, const VtQObjQueryBlockstatsArg *arg, VtBlockStatsList *ret, GError **error)
{
    g_autoptr(GArray) entries = vt_vm_objects(vt_monitor_service(monitor)->vm);
    json_object *list = json_object_new_array();

    (void)ret, (void)error;
    for (guint i = 0; i < entries->len; i++) {
        json_object *row = describe_entry(entries, &g_array_index(entries, VtEntryKey, i), arg->query_nodes);

        if (row) {
            json_object_array_add(list, row);
        }
    }
    vt_monitor_answer(monitor, list);
    return true;
}
