/* SPDX-License-Identifier: MIT */
/*
 * NUMA: the node of each CPU, as the user or the board sets it.
 */
#include "numa.h"

#include "vt-gen/machine.h"
#include "vt-runtime/human.h"

/* The position of a CPU in the topology. */
typedef struct Position {
    int64_t drawer, book, socket, die, cluster, module, core, thread;
} Position;

typedef struct Map {
    const VtSMPConfiguration *smp;
    uint16_t target;
    unsigned n_nodes;
    bool explicit; /* the user sets the node of some CPU */
    unsigned cpu;
    Position position; /* of @cpu */
    int node;          /* of @cpu; -1: not set */
} Map;

/* The lowest part of *rest at a level with @count parts. */
static int64_t
take(int64_t *rest, int64_t count)
{
    int64_t part = *rest % MAX(count, 1);

    *rest /= MAX(count, 1);
    return part;
}

static Position
position_of(const Map *map, unsigned cpu)
{
    const VtSMPConfiguration *smp = map->smp;
    int64_t rest = cpu;
    Position position;

    position.thread = take(&rest, smp->threads);
    position.core = take(&rest, smp->cores);
    position.module = take(&rest, smp->modules);
    position.cluster = take(&rest, smp->clusters);
    position.die = take(&rest, smp->dies);
    position.socket = take(&rest, smp->sockets);
    position.book = take(&rest, smp->books);
    position.drawer = rest;
    /* These machines number cores across all sockets. */
    if (map->target == VT_TARGET_PPC64) {
        position.core = cpu / MAX(smp->threads, 1) * MAX(smp->threads, 1);
    } else if (map->target == VT_TARGET_S390X) {
        position.core = cpu;
    }
    return position;
}

/* Whether @object says where @id is, or says nothing. */
static bool
fits(const VtObject *object, const char *member, int64_t value, int64_t id)
{
    return !vt_object_has(object, member) || value == id;
}

static bool
has_position(const VtObject *object, const VtNumaCpu *config, const Position *at)
{
    return fits(object, "drawer-id", config->drawer_id, at->drawer) &&
           fits(object, "book-id", config->book_id, at->book) &&
           fits(object, "socket-id", config->socket_id, at->socket) &&
           fits(object, "die-id", config->die_id, at->die) &&
           fits(object, "cluster-id", config->cluster_id, at->cluster) &&
           fits(object, "module-id", config->module_id, at->module) &&
           fits(object, "core-id", config->core_id, at->core) &&
           fits(object, "thread-id", config->thread_id, at->thread);
}

unsigned
vt_numa_number(const VtObject *object, unsigned n_before)
{
    return vt_object_has(object, "nodeid") ? ((const VtNumaNode *)vt_object_config(object))->nodeid : n_before;
}

static bool
look(VtObject *object, void *opaque)
{
    Map *map = opaque;

    if (vt_object_is_a(object, "numa-cpu")) {
        const VtNumaCpu *config = vt_object_config(object);

        map->explicit = true;
        map->node = has_position(object, config, &map->position) ? (int)config->node_id : map->node;
    } else if (vt_object_is_a(object, "numa-node")) {
        const VtNumaNode *config = vt_object_config(object);
        unsigned number = vt_numa_number(object, map->n_nodes++);

        map->explicit |= config->cpus.n > 0;
        for (size_t i = 0; i < config->cpus.n; i++) {
            map->node = config->cpus.v[i] == map->cpu ? (int)number : map->node;
        }
    }
    return true;
}

/* The node that the board chooses if the user sets none: whole sockets, or equal shares. */
static unsigned
default_node(const Map *map)
{
    unsigned share = (unsigned)map->smp->cpus / map->n_nodes;

    if (map->target & (VT_TARGET_RISCV64 | VT_TARGET_RISCV32)) {
        return MIN(map->cpu / MAX(share, 1), map->n_nodes - 1);
    }
    return (unsigned)(map->position.socket % map->n_nodes);
}

int
vt_numa_node_of_cpu(VtVm *vm, unsigned cpu)
{
    const VtMachineConfig *config = vt_object_config(vt_vm_machine(vm));
    Map map = {.smp = &config->smp, .target = vt_context_target(vt_vm_context(vm)), .cpu = cpu, .node = -1};

    map.position = position_of(&map, cpu);
    vt_vm_each(vm, "numa", look, &map);
    if (!map.n_nodes || map.node >= 0) {
        return map.node;
    }
    return map.explicit ? 0 : (int)default_node(&map);
}

/* ---- info numa ------------------------------------------------------------------------------------------- */

typedef struct Sizes {
    GArray *sizes; /* of uint64_t, by node */
    bool given;    /* the user sets the memory of some node */
} Sizes;

static bool
add_size(VtObject *object, void *opaque)
{
    Sizes *sizes = opaque;
    const VtNumaNode *config = vt_object_config(object);
    unsigned number;
    uint64_t size;

    if (vt_object_is_a(object, "numa-node")) {
        const VtObject *backend = config->memdev.target;

        number = vt_numa_number(object, sizes->sizes->len);
        size = backend ? ((const VtMemoryBackend *)vt_object_config(backend))->size : config->mem;
        sizes->given |= size;
        if (number >= sizes->sizes->len) {
            g_array_set_size(sizes->sizes, number + 1);
        }
        g_array_index(sizes->sizes, uint64_t, number) = size;
    }
    return true;
}

bool
vt_hmp_info_numa(VtMonitor *monitor, GString *text, GError **error)
{
    VtVm *vm = vt_monitor_service(monitor)->vm;
    const VtMachineConfig *config = vt_object_config(vt_vm_machine(vm));
    g_autoptr(GArray) array = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    Sizes sizes = {array, false};
    unsigned n_cpus = (unsigned)config->smp.cpus;
    g_autofree int *nodes = g_new(int, MAX(n_cpus, 1));

    (void)error;
    for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
        nodes[cpu] = vt_numa_node_of_cpu(vm, cpu);
    }
    vt_vm_each(vm, "numa", add_size, &sizes);
    g_string_append_printf(text, "%u nodes\n", array->len);
    for (guint node = 0; node < array->len; node++) {
        uint64_t size = sizes.given ? g_array_index(array, uint64_t, node) : config->memory.size / array->len;

        g_string_append_printf(text, "node %u cpus:", node);
        for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
            if (nodes[cpu] == (int)node) {
                g_string_append_printf(text, " %u", cpu);
            }
        }
        g_string_append_printf(text, "\nnode %u size: %" G_GUINT64_FORMAT " MB\nnode %u plugged: 0 MB\n", node,
                               size >> 20, node);
    }
    return true;
}
