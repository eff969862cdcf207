/* SPDX-License-Identifier: MIT */
/*
 * NUMA: latencies, bandwidths and caches of memory, as the ACPI table HMAT can describe them.
 */
#include "numa.h"

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"

#define MIB        (1 << 20)
#define LEVELS     4
#define ENTRY_MAX  65534 /* of a table entry, in units of the table */
#define ENTRY_BITS 16
#define N_TYPES    6
#define N_TABLES   4

enum { LATENCY = 1 << 0, BANDWIDTH = 1 << 1 }; /* what a target has */

/* The values of one table. */
typedef struct Table {
    uint64_t bits; /* of all values */
    uint64_t largest;
    uint8_t seen[NODES_MAX][NODES_MAX / 8]; /* by initiator: bits of targets */
} Table;

typedef struct Hmat {
    unsigned n_nodes;
    bool has_cpus[NODES_MAX];
    uint8_t has[NODES_MAX]; /* by target: LATENCY, BANDWIDTH */
    Table tables[N_TABLES][N_TYPES];
    uint64_t caches[NODES_MAX][LEVELS]; /* sizes; 0: none */
    GError **error;
    bool failed;
} Hmat;

static bool
note_cpus(VtObject *object, void *opaque)
{
    Hmat *hmat = opaque;

    if (vt_object_is_a(object, "numa-cpu")) {
        hmat->has_cpus[((const VtNumaCpu *)vt_object_config(object))->node_id] = true;
    } else if (vt_object_is_a(object, "numa-node")) {
        const VtNumaNode *node = vt_object_config(object);
        unsigned number = vt_numa_number(object, hmat->n_nodes);

        hmat->has_cpus[number % NODES_MAX] |= node->cpus.n > 0;
        hmat->n_nodes++;
    }
    return true;
}

static bool
is_latency(const VtNumaHmatLb *config)
{
    return config->data_type <= VT_HMAT_LB_DATA_TYPE_WRITE_LATENCY;
}

/* An entry has 16 bits, in units that all entries of the table share. */
static bool
check_entry(Hmat *hmat, Table *table, uint64_t value, const char *member)
{
    unsigned first, last;

    if (!value) {
        return true;
    }
    table->bits |= value;
    table->largest = MAX(table->largest, value);
    first = (unsigned)__builtin_ctzll(table->bits);
    last = 64 - (unsigned)__builtin_clzll(table->bits);
    return (last - first <= ENTRY_BITS && table->largest >> first <= ENTRY_MAX) ||
           vt_error_set(hmat->error, "%s: %" G_GUINT64_FORMAT " and the other values of its kind do not fit in 16 bits",
                        member, value);
}

static bool
take_figure(Hmat *hmat, const VtNumaHmatLb *config)
{
    Table *table = &hmat->tables[config->hierarchy][config->data_type];
    bool latency = is_latency(config);
    uint64_t value = latency ? config->latency : config->bandwidth;
    uint8_t *seen = &table->seen[config->initiator][config->target / 8], bit = (uint8_t)(1 << config->target % 8);

    if (!hmat->has_cpus[config->initiator]) {
        return vt_error_set(hmat->error, "initiator: node %u has no CPUs", config->initiator);
    }
    if (*seen & bit) {
        return vt_error_set(hmat->error, "the value from node %u to %u is already set", config->initiator,
                            config->target);
    }
    if (!latency && value % MIB) {
        return vt_error_set(hmat->error, "bandwidth: %" G_GUINT64_FORMAT " is no multiple of 1 MiB", value);
    }
    *seen |= bit;
    if (value) {
        hmat->has[config->target] |= latency ? LATENCY : BANDWIDTH;
    }
    return check_entry(hmat, table, latency ? value : value / MIB, latency ? "latency" : "bandwidth");
}

static bool
take_cache(Hmat *hmat, const VtNumaHmatCache *config)
{
    uint64_t *sizes = hmat->caches[config->node_id];

    if (hmat->has[config->node_id] != (LATENCY | BANDWIDTH)) {
        return vt_error_set(hmat->error, "node-id: the latency and bandwidth of node %u are not set", config->node_id);
    }
    if (sizes[config->level]) {
        return vt_error_set(hmat->error, "level: node %u has a cache of level %u already", config->node_id,
                            config->level);
    }
    sizes[config->level] = config->size;
    for (unsigned level = 2; level < LEVELS; level++) {
        if (sizes[level] && sizes[level - 1] && sizes[level] <= sizes[level - 1]) {
            return vt_error_set(hmat->error, "size: the cache of level %u is not larger than that of level %u", level,
                                level - 1);
        }
    }
    return true;
}

static bool
add_figure(VtObject *object, void *opaque)
{
    Hmat *hmat = opaque;

    hmat->failed = vt_object_is_a(object, "numa-hmat-lb") && !take_figure(hmat, vt_object_config(object));
    return !hmat->failed;
}

static bool
add_cache(VtObject *object, void *opaque)
{
    Hmat *hmat = opaque;

    hmat->failed = vt_object_is_a(object, "numa-hmat-cache") && !take_cache(hmat, vt_object_config(object));
    return !hmat->failed;
}

bool
vt_numa_check_hmat(VtVm *vm, GError **error)
{
    g_autofree Hmat *hmat = g_new0(Hmat, 1);

    hmat->error = error;
    vt_vm_each(vm, "numa", note_cpus, hmat);
    vt_vm_each(vm, "numa", add_figure, hmat);
    if (!hmat->failed) {
        vt_vm_each(vm, "numa", add_cache, hmat);
    }
    return !hmat->failed;
}
