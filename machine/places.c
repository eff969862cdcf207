/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <string.h>

#include <json-c/json.h>

#include "vt-gen/machine.h"

#define CORE_SUFFIX "-spapr-cpu-core"

typedef enum Use {
    USE_ALWAYS,
    USE_MANY,   /* only where the level has more than one */
    USE_WHOLE,  /* the number of the place */
    USE_THREADS /* the number of the first thread */
} Use;

typedef struct Level {
    const char *member; /* NULL: the last one */
    VtSmpLevel level;
    Use use;
} Level;

typedef struct VtPlaceFamily {
    const char *machine; /* a class */
    bool cores;          /* a place takes a core */
    const char *cpu;     /* class of the processors where the machine leaves it to the accelerator; NULL: none */
    Level levels[6];
} VtPlaceFamily;

static const VtPlaceFamily families[] = {
    {.machine = "x86-machine",
     .levels = {{"socket-id", VT_SMP_SOCKETS, USE_ALWAYS},
                {"die-id", VT_SMP_DIES, USE_MANY},
                {"module-id", VT_SMP_MODULES, USE_MANY},
                {"core-id", VT_SMP_CORES, USE_ALWAYS},
                {"thread-id", VT_SMP_THREADS, USE_ALWAYS}}},
    {.machine = "arm-virt-machine",
     .cpu = "max-arm-cpu",
     .levels = {{"socket-id", VT_SMP_SOCKETS, USE_ALWAYS},
                {"cluster-id", VT_SMP_CLUSTERS, USE_ALWAYS},
                {"core-id", VT_SMP_CORES, USE_ALWAYS},
                {"thread-id", VT_SMP_THREADS, USE_ALWAYS}}},
    {.machine = "s390-ccw-machine",
     .levels = {{"drawer-id", VT_SMP_DRAWERS, USE_ALWAYS},
                {"book-id", VT_SMP_BOOKS, USE_ALWAYS},
                {"socket-id", VT_SMP_SOCKETS, USE_ALWAYS},
                {"core-id", VT_SMP_CORES, USE_WHOLE}}},
    {.machine = "spapr-machine", .cores = true, .levels = {{"core-id", VT_SMP_CORES, USE_THREADS}}},
    {.machine = "riscv-virt", .levels = {{"core-id", VT_SMP_CORES, USE_WHOLE}}},
};

/* ---- classes --------------------------------------------------------------------------------------------- */

static const VtClassInfo *
cpu_class(VtVm *vm, const VtPlaceFamily *family)
{
    const VtMachineConfig *machine = vt_object_config(vt_vm_machine(vm));
    const VtObject *model = vt_vm_processor(vm);
    const char *name = machine->default_cpu_type ? machine->default_cpu_type : family ? family->cpu : NULL;

    if (model) {
        return vt_object_class(model);
    }
    return name ? vt_schema_class(vt_context_schema(vt_vm_context(vm)), name) : NULL;
}

/* The class of the cores of a processor: its name has the name of the processor without that of its base class. */
static const VtClassInfo *
core_class(const VtClassInfo *cpu)
{
    for (const VtClassInfo *base = cpu->parent; base; base = base->parent) {
        g_autofree char *suffix = g_strconcat("-", base->name, NULL);

        if (g_str_has_suffix(cpu->name, suffix)) {
            g_autofree char *stem = g_strndup(cpu->name, strlen(cpu->name) - strlen(suffix));
            g_autofree char *name = g_strconcat(stem, CORE_SUFFIX, NULL);

            return vt_schema_class(cpu->schema, name);
        }
    }
    return NULL;
}

const VtClassInfo *
vt_places_class(const VtPlaces *places)
{
    return places->core ? places->core : places->cpu;
}

/* ---- numbers --------------------------------------------------------------------------------------------- */

static void
read_topology(const VtSMPConfiguration *smp, unsigned *levels)
{
    const int64_t values[VT_SMP_N_LEVELS] = {
        [VT_SMP_DRAWERS] = smp->drawers, [VT_SMP_BOOKS] = smp->books,       [VT_SMP_SOCKETS] = smp->sockets,
        [VT_SMP_DIES] = smp->dies,       [VT_SMP_CLUSTERS] = smp->clusters, [VT_SMP_MODULES] = smp->modules,
        [VT_SMP_CORES] = smp->cores,     [VT_SMP_THREADS] = smp->threads,
    };

    for (int i = 0; i < VT_SMP_N_LEVELS; i++) {
        levels[i] = (unsigned)MAX(values[i], 1);
    }
}

bool
vt_places_of(VtVm *vm, VtPlaces *ret_places)
{
    VtObject *machine = vt_vm_machine(vm);
    const VtMachineConfig *config;
    VtPlaces places = {.vm = vm};

    if (!machine) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(families) && !places.family; i++) {
        places.family = vt_object_is_a(machine, families[i].machine) ? &families[i] : NULL;
    }
    places.cpu = cpu_class(vm, places.family);
    if (!places.cpu) {
        return false;
    }
    config = vt_object_config(machine);
    read_topology(&config->smp, places.levels);
    places.core = places.family && places.family->cores ? core_class(places.cpu) : NULL;
    places.threads = places.core ? places.levels[VT_SMP_THREADS] : 1;
    places.started = ((unsigned)config->smp.cpus + places.threads - 1) / places.threads;
    places.n = MAX((unsigned)config->smp.maxcpus / places.threads, places.started);
    *ret_places = places;
    return true;
}

/* The number of processors of one part of a level. */
static unsigned
size_of(const VtPlaces *places, VtSmpLevel level)
{
    unsigned size = 1;

    for (int i = level + 1; i < VT_SMP_N_LEVELS; i++) {
        size *= places->levels[i];
    }
    return size;
}

static unsigned
number_at(const VtPlaces *places, const Level *level, unsigned number)
{
    switch (level->use) {
    case USE_WHOLE:
        return number;
    case USE_THREADS:
        return number * places->threads;
    case USE_ALWAYS:
    case USE_MANY:
        break;
    }
    return number / size_of(places, level->level) % places->levels[level->level];
}

static bool
is_used(const VtPlaces *places, const Level *level)
{
    return level->use != USE_MANY || places->levels[level->level] > 1;
}

json_object *
vt_place_props(const VtPlaces *places, unsigned number)
{
    json_object *props;

    if (!places->family) {
        return NULL;
    }
    props = json_object_new_object();
    for (const Level *level = places->family->levels; level->member; level++) {
        if (is_used(places, level)) {
            json_object_object_add(props, level->member, json_object_new_int64(number_at(places, level, number)));
        }
    }
    return props;
}

json_object *
vt_place_of_device(const VtPlaces *places, const VtObject *device)
{
    json_object *props;

    if (!places->family) {
        return NULL;
    }
    props = json_object_new_object();
    for (const Level *level = places->family->levels; level->member; level++) {
        json_object *value;

        if (!is_used(places, level)) {
            continue;
        }
        value = vt_object_member(device, level->member, 0);
        if (!value) {
            json_object_put(props);
            return NULL;
        }
        json_object_object_add(props, level->member, value);
    }
    return props;
}
