/* SPDX-License-Identifier: MIT */
/*
 * NUMA: checks that nodes, CPUs, memory and distances are consistent, and match the machine.
 *
 * The check runs with the first NUMA object.  By then those of the configuration are decoded and the machine is
 * settled. Commands add objects before the machine exists: each is checked with those before it, and all are when it is
 * built.
 */
#include <string.h>

#include "numa.h"
#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

typedef struct Node {
    const VtNumaNode *config; /* NULL: the node does not exist */
    bool has_mem;
} Node;

typedef struct Numa {
    VtObject *machine;
    const VtMachineConfig *config;
    Node nodes[NODES_MAX];
    unsigned n_nodes, n_with_mem, n_with_memdev;
    uint8_t distances[NODES_MAX][NODES_MAX]; /* 0: not set */
    bool has_distances, has_hmat;
    uint16_t *node_of_cpu; /* index: CPU; value: 1 + node, 0: none */
    GError **error;
    bool failed;
} Numa;

static bool
need_node(const Numa *numa, const char *member, uint64_t number, GError **error)
{
    return (number < NODES_MAX && numa->nodes[number].config) ||
           vt_error_set(error, "%s: node %" G_GUINT64_FORMAT " does not exist", member, number);
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

static bool
take_cpus(Numa *numa, const VtNumaNode *config, unsigned number)
{
    uint64_t max = (uint64_t)numa->config->smp.maxcpus;

    for (size_t i = 0; i < config->cpus.n; i++) {
        uint16_t cpu = config->cpus.v[i];

        if (cpu >= max) {
            return vt_error_set(numa->error, "cpus: CPU %u does not exist: the machine has %" G_GUINT64_FORMAT, cpu,
                                max);
        }
        if (numa->node_of_cpu[cpu]) {
            return vt_error_set(numa->error, "cpus: CPU %u is already in node %u", cpu, numa->node_of_cpu[cpu] - 1u);
        }
        numa->node_of_cpu[cpu] = (uint16_t)(number + 1);
    }
    return true;
}

static bool
take_node(Numa *numa, VtObject *object)
{
    const VtNumaNode *config = vt_object_config(object);
    unsigned number = vt_numa_number(object, numa->n_nodes);
    Node *node;

    if (number >= NODES_MAX) {
        return vt_error_set(numa->error, "the number of nodes exceeds the maximum %d", NODES_MAX);
    }
    node = &numa->nodes[number];
    if (node->config) {
        return vt_error_set(numa->error, "nodeid: node %u already exists", number);
    }
    node->config = config;
    node->has_mem = vt_object_has(object, "mem");
    numa->n_nodes++;
    numa->n_with_mem += node->has_mem;
    numa->n_with_memdev += config->memdev.target != NULL;
    if (node->has_mem && config->memdev.target) {
        return vt_error_set(numa->error, "mem and memdev are mutually exclusive");
    }
    if (node->has_mem && !numa->config->numa_mem_supported) {
        return vt_error_set(numa->error, "mem: not supported by machine '%s'; use memdev",
                            vt_context_machine(vt_vm_context(vt_object_vm(object)))->name);
    }
    if (vt_object_has(object, "initiator") && !numa->has_hmat) {
        return vt_error_set(numa->error, "initiator: requires hmat=on of the machine");
    }
    return take_cpus(numa, config, number);
}

/* The sum of the nodes' memory must equal the memory of the machine. */
static bool
check_memory(Numa *numa)
{
    uint64_t total = 0, size = numa->config->memory.size;

    if (numa->n_with_mem && numa->n_with_memdev) {
        return vt_error_set(numa->error, "mem and memdev: expected the same one in all nodes");
    }
    if (numa->n_with_memdev && numa->config->memory_backend.target) {
        return vt_error_set(numa->error, "memdev and the machine's memory-backend '%s' are mutually exclusive",
                            numa->config->memory_backend.id);
    }
    for (unsigned i = 0; i < numa->n_nodes; i++) {
        const VtObject *backend = numa->nodes[i].config->memdev.target;

        total += backend ? ((const VtMemoryBackend *)vt_object_config(backend))->size : numa->nodes[i].config->mem;
    }
    return total == size ||
           vt_error_set(numa->error,
                        "the nodes have %" G_GUINT64_FORMAT
                        " bytes of memory; expected the memory size of the machine, %" G_GUINT64_FORMAT,
                        total, size);
}

static bool
check_nodes(Numa *numa)
{
    if (!numa->n_nodes) {
        return vt_error_set(numa->error, "no NUMA node; expected one with type=node");
    }
    for (unsigned i = 0; i < numa->n_nodes; i++) {
        if (!numa->nodes[i].config) {
            return vt_error_set(numa->error,
                                "nodeid: expected numbers without gaps, but there are %u nodes and none is %u",
                                numa->n_nodes, i);
        }
    }
    return true;
}

/* ---- distances ----------------------------------------------------------------------------------------- */

static bool
take_distance(Numa *numa, const VtNumaDist *config)
{
    if (!need_node(numa, "src", config->src, numa->error) || !need_node(numa, "dst", config->dst, numa->error)) {
        return false;
    }
    if ((config->src == config->dst) != (config->val == 10)) {
        return vt_error_set(numa->error, "val: expected 10 for the same node and more for other nodes, got %u",
                            config->val);
    }
    numa->distances[config->src][config->dst] = config->val;
    numa->has_distances = true;
    return true;
}

static bool
check_distances(Numa *numa)
{
    bool asymmetric = false;

    if (!numa->has_distances) {
        return true;
    }
    for (unsigned src = 0; src < numa->n_nodes; src++) {
        for (unsigned dst = src + 1; dst < numa->n_nodes; dst++) {
            uint8_t there = numa->distances[src][dst], back = numa->distances[dst][src];

            if (!there && !back) {
                return vt_error_set(numa->error, "the distance of nodes %u and %u is not set", src, dst);
            }
            asymmetric |= there && back && there != back;
        }
    }
    for (unsigned src = 0; asymmetric && src < numa->n_nodes; src++) {
        for (unsigned dst = 0; dst < numa->n_nodes; dst++) {
            if (src != dst && !numa->distances[src][dst]) {
                return vt_error_set(numa->error,
                                    "the distance from node %u to %u is not set, and distances differ by direction",
                                    src, dst);
            }
        }
    }
    return true;
}

/* ---- CPUs, latencies, caches --------------------------------------------------------------------------- */

static bool
check_cpu(const Numa *numa, const VtObject *object)
{
    const VtNumaCpu *config = vt_object_config(object);
    const VtSMPConfiguration *smp = &numa->config->smp;
    const struct {
        const char *name;
        int64_t id, count;
    } levels[] = {
        {"drawer-id", config->drawer_id, smp->drawers},    {"book-id", config->book_id, smp->books},
        {"socket-id", config->socket_id, smp->sockets},    {"die-id", config->die_id, smp->dies},
        {"cluster-id", config->cluster_id, smp->clusters}, {"module-id", config->module_id, smp->modules},
        {"core-id", config->core_id, smp->cores},          {"thread-id", config->thread_id, smp->threads},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        /* Some machines number cores across all sockets. */
        int64_t count = strcmp(levels[i].name, "core-id") == 0 ? smp->maxcpus : levels[i].count;

        if (vt_object_has(object, levels[i].name) && (levels[i].id < 0 || levels[i].id >= count)) {
            return vt_error_set(numa->error,
                                "%s: %" G_GINT64_FORMAT " exceeds the topology, which has %" G_GINT64_FORMAT,
                                levels[i].name, levels[i].id, count);
        }
    }
    return need_node(numa, "node-id", (uint64_t)config->node_id, numa->error);
}

static bool
need_hmat(const Numa *numa)
{
    return numa->has_hmat || vt_error_set(numa->error, "the machine has no HMAT; it requires hmat=on of the machine");
}

static bool
check_figure(const Numa *numa, const VtObject *object)
{
    const VtNumaHmatLb *config = vt_object_config(object);
    bool latency = config->data_type <= VT_HMAT_LB_DATA_TYPE_WRITE_LATENCY;

    if (!need_hmat(numa) || !need_node(numa, "initiator", config->initiator, numa->error) ||
        !need_node(numa, "target", config->target, numa->error)) {
        return false;
    }
    return (vt_object_has(object, "latency") == latency && vt_object_has(object, "bandwidth") != latency) ||
           vt_error_set(numa->error, "data-type: requires %s, and no other value", latency ? "latency" : "bandwidth");
}

static bool
check_cache(const Numa *numa, const VtObject *object)
{
    const VtNumaHmatCache *config = vt_object_config(object);

    return need_hmat(numa) && need_node(numa, "node-id", config->node_id, numa->error);
}

/* ---- the whole check ----------------------------------------------------------------------------------- */

static bool
add_node(VtObject *object, void *opaque)
{
    Numa *numa = opaque;

    numa->failed = vt_object_is_a(object, "numa-node") && !take_node(numa, object);
    return !numa->failed;
}

static bool
add_other(VtObject *object, void *opaque)
{
    Numa *numa = opaque;
    bool ok = true;

    if (vt_object_is_a(object, "numa-dist")) {
        ok = take_distance(numa, vt_object_config(object));
    } else if (vt_object_is_a(object, "numa-cpu")) {
        ok = check_cpu(numa, object);
    } else if (vt_object_is_a(object, "numa-hmat-lb")) {
        ok = check_figure(numa, object);
    } else if (vt_object_is_a(object, "numa-hmat-cache")) {
        ok = check_cache(numa, object);
    }
    numa->failed = !ok;
    return ok;
}

/* Finds the first object whose plan is not complete. */
static bool
is_first(VtObject *object, void *opaque)
{
    VtObject **first = opaque;

    *first = vt_object_planned(object) ? NULL : object;
    return !*first;
}

static bool
is_last(VtObject *object, void *opaque)
{
    *(VtObject **)opaque = object;
    return true;
}

/* Returns whether the machine has the boolean member and it is on. */
static bool
machine_has(const VtObject *machine, const char *name)
{
    const VtProp *prop = vt_class_prop(vt_object_class(machine), name, strlen(name));

    return prop && *(const bool *)vt_config_field(vt_object_full_config(machine), prop);
}

/* @complete: no command adds objects. */
static bool
check_all(VtVm *vm, bool complete, GError **error)
{
    g_autofree Numa *numa = g_new0(Numa, 1);
    g_autofree uint16_t *node_of_cpu = NULL;

    numa->machine = vt_vm_machine(vm);
    numa->config = vt_object_config(numa->machine);
    numa->error = error;
    numa->has_hmat = machine_has(numa->machine, "hmat");
    numa->node_of_cpu = node_of_cpu = g_new0(uint16_t, (gsize)MAX(numa->config->smp.maxcpus, 1));
    vt_vm_each(vm, "numa", add_node, numa);
    if (numa->failed || (complete && !check_nodes(numa))) {
        return false;
    }
    vt_vm_each(vm, "numa", add_other, numa);
    if (numa->failed || !vt_numa_check_hmat(vm, error)) {
        return false;
    }
    return !complete || (check_distances(numa) && check_memory(numa));
}

static bool
validate(VtObject *object, GError **error)
{
    VtObject *first = NULL;
    VtVm *vm = vt_object_vm(object);

    if (vt_object_realized(vt_vm_machine(vm))) {
        return vt_error_set(error, "the NUMA topology is set up before the machine exists");
    }
    vt_vm_each(vm, "numa", is_first, &first);
    return first != object || check_all(vm, !vt_vm_is_incomplete(vm), error);
}

/* Commands have added the last object. */
static bool
check_added(VtObject *object, GError **error)
{
    VtVm *vm = vt_object_vm(object);
    VtObject *last = NULL;

    vt_vm_each(vm, "numa", is_last, &last);
    return !vt_vm_is_incomplete(vm) || last != object || check_all(vm, true, error);
}

/* The memory of a node follows the machine's memory options. */
static bool
realize(VtObject *object, GError **error)
{
    VtObject *machine = vt_vm_machine(vt_object_vm(object));
    const VtMachineConfig *config = vt_object_config(machine);
    const VtNumaNode *node = vt_object_config(object);
    VtObject *backend = vt_object_is_a(object, "numa-node") ? node->memdev.target : NULL;
    bool by_path = backend && (vt_object_is_a(backend, "memory-backend-ram") ? config->canonical_ramblock_id
                                                                             : config->canonical_file_ramblock_id);
    g_autofree char *path = by_path ? vt_object_path(backend) : NULL;

    if (!check_added(object, error)) {
        return false;
    }
    if (backend) {
        const VtClaim claim = {
            .ramblock_name = by_path ? path : node->memdev.id,
            .merge = config->mem_merge,
            .dump = config->dump_guest_core,
        };

        return vt_backend_claim(object, &node->memdev, &claim, error);
    }
    return true;
}

const VtOps vt_ops_numa = {.validate = validate, .realize = realize};
