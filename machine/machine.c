/* SPDX-License-Identifier: MIT */
/*
 * Checks that all machines share.
 */
#include "machine.h"

#include "smp-cache.h"
#include "smp.h"

#include "vt-gen/machine.h"
#include "vt-runtime/error.h"
#include "vt-runtime/vm.h"

#define MEMORY_SLOTS_MAX 256

static const char *
name_of(VtObject *machine)
{
    return vt_context_machine(vt_vm_context(vt_object_vm(machine)))->name;
}

/* A topology level; the table is in the order of VtSmpLevel. */
typedef struct Number {
    const char *name;
    int64_t value;
    bool supported;
} Number;

bool
vt_machine_check_smp(VtObject *machine, GError **error)
{
    const VtMachineConfig *config = vt_object_config(machine);
    const VtSMPConfiguration *smp = &config->smp;
    const Number levels[VT_SMP_N_LEVELS] = {
        [VT_SMP_DRAWERS] = {"drawers", smp->drawers, config->smp_drawers_supported},
        [VT_SMP_BOOKS] = {"books", smp->books, config->smp_books_supported},
        [VT_SMP_SOCKETS] = {"sockets", smp->sockets, true},
        [VT_SMP_DIES] = {"dies", smp->dies, config->smp_dies_supported},
        [VT_SMP_CLUSTERS] = {"clusters", smp->clusters, config->smp_clusters_supported},
        [VT_SMP_MODULES] = {"modules", smp->modules, config->smp_modules_supported},
        [VT_SMP_CORES] = {"cores", smp->cores, true},
        [VT_SMP_THREADS] = {"threads", smp->threads, true},
    };
    VtSmp whole = {.cpus = (uint64_t)smp->cpus, .max_cpus = (uint64_t)smp->maxcpus};

    if (smp->cpus < 1 || smp->maxcpus < 1) {
        return vt_error_set(error, "smp: cpus and maxcpus must be greater than zero");
    }
    for (int level = 0; level < VT_SMP_N_LEVELS; level++) {
        /* A derived level can be 0; an explicit one cannot. */
        if (levels[level].value < 0 || (levels[level].value == 0 && !levels[level].supported)) {
            return vt_error_set(error, "smp: %s: %" G_GINT64_FORMAT " is not greater than zero", levels[level].name,
                                levels[level].value);
        }
        if (levels[level].value > 1 && !levels[level].supported) {
            return vt_error_set(error, "smp: %s: %" G_GINT64_FORMAT " is not supported by machine '%s'",
                                levels[level].name, levels[level].value, name_of(machine));
        }
        whole.levels[level] = (uint64_t)levels[level].value;
    }
    return vt_smp_check(&whole, name_of(machine), (uint64_t)config->smp_max_cpus, error);
}

static bool
check_memory(VtObject *machine, const VtMachineRules *rules, GError **error)
{
    const VtMachineConfig *config = vt_object_config(machine);
    const VtMemorySizeConfiguration *memory = &config->memory;

    if (memory->max_size && memory->max_size < memory->size) {
        return vt_error_set(error, "memory: max-size: %" G_GUINT64_FORMAT " is lower than size, %" G_GUINT64_FORMAT,
                            memory->max_size, memory->size);
    }
    if (memory->slots && memory->max_size <= memory->size) {
        return vt_error_set(error, "memory: slots: requires a max-size above size");
    }
    if (memory->slots > MEMORY_SLOTS_MAX) {
        return vt_error_set(error, "memory: slots: %" G_GUINT64_FORMAT " exceeds the maximum %d", memory->slots,
                            MEMORY_SLOTS_MAX);
    }
    if (!rules->has_memory_slots && memory->max_size > memory->size) {
        return vt_error_set(error, "memory: machine '%s' does not support memory hotplug", name_of(machine));
    }
    return true;
}

bool
vt_machine_check(VtObject *machine, const VtMachineRules *rules, GError **error)
{
    return check_memory(machine, rules, error) && vt_smp_cache_check(machine, name_of(machine), error);
}
